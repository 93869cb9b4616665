export { ApiError, ConnectionFailed, type Problem } from './api-error.js';
export type { EventData, TyrianEvent, TyrianFeedPage } from './events.js';
export * from './generated/errors.js';
export type { Operations } from './generated/operations.js';
export type * from './generated/types.js';
export {
  Tyrian,
  WaitTimeout,
  type CallOptions,
  type FollowOptions,
  type WaitOptions,
} from './tyrian.js';
export type { TyrianOptions } from './transport.js';
export { verifyWebhook, WebhookRefused, type VerifyOptions } from './verify-webhook.js';
