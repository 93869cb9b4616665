export { parseCallback, type ViberCallback } from './callback.js';
export { parseInboundCallback, type InboundCallback } from './inbound-callback.js';
export { parseStatusCallback, type StatusCallback } from './status-callback.js';
export type { CallbackRequest, UnreadableCallback, UnreadableReason } from './callback-request.js';
