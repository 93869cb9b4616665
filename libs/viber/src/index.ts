export { ViberModule } from './viber.module.js';
export { ViberClient, type ViberCallOptions, type ViberKeyCheck } from './viber-client.js';
export { HttpViberClient } from './http-viber-client.js';
export type { ViberCallName, ViberOptions } from './viber-options.js';
export type { Deviation, DeviationKind } from './deviations.js';
export { isPresentable, type ViberAuth, type ViberCredential } from './credential.js';
export type {
  ViberAnswer,
  ViberErrorBody,
  ViberRateLimit,
  ViberSendAnswer,
  ViberSmsStatus,
  ViberStatusAnswer,
} from './answer.js';
export * from './errors.js';
export { presentable } from './fields.js';
export { readParameters, type Parameters } from './parameters.js';
export * from './callbacks/index.js';
export * from './wire.js';
export * from './statuses.js';
export * from './content/index.js';
