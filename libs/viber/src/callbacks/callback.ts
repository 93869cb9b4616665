import {
  readCallbackFields,
  unreadable,
  type CallbackRequest,
  type UnreadableCallback,
} from './callback-request.js';
import { inboundCallbackOf, type InboundCallback } from './inbound-callback.js';
import { statusCallbackOf, type StatusCallback } from './status-callback.js';

export type ViberCallback = StatusCallback | InboundCallback | UnreadableCallback;

/** Reads a callback whose kind its URL does not tell: replies carry a token, statuses a status. Never throws. */
export function parseCallback(request: CallbackRequest): ViberCallback {
  const read = readCallbackFields(request);
  if (read.kind === 'unreadable') return read;
  if (Object.hasOwn(read.fields, 'message_token')) return inboundCallbackOf(read);
  if (Object.hasOwn(read.fields, 'status')) return statusCallbackOf(read);
  return unreadable('neither_status_nor_inbound', read.deviations);
}
