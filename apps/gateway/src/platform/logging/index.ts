export { Log, type LogOptions } from './log.js';
export { LoggingModule } from './logging.module.js';
export { NestLog } from './nest-log.js';
export { redactWire, redactWireSample } from './wire-redaction.js';
