import type { ViberSmsStatus } from '../answer.js';
import { statusContract, type Deviation } from '../deviations.js';
import { field, readId, readStatus } from '../fields.js';
import { readSmsStatus } from '../read-status-answer.js';
import {
  callbackDeviations,
  readCallbackFields,
  unreadable,
  type CallbackFields,
  type CallbackRequest,
  type UnreadableCallback,
} from './callback-request.js';

/** The provider reports what became of a message. */
export interface StatusCallback {
  readonly kind: 'status';
  /** As text, all digits; null where the callback names none (then only its URL tells the message). */
  readonly messageId: string | null;
  /** As the provider gave it, numbers that nobody has documented included. */
  readonly status: number;
  readonly sms: ViberSmsStatus | null;
  /** In what it differs from the contract that is known. */
  readonly deviations: readonly Deviation[];
}

/** Reads a status callback. Never throws. */
export function parseStatusCallback(request: CallbackRequest): StatusCallback | UnreadableCallback {
  const read = readCallbackFields(request);
  return read.kind === 'fields' ? statusCallbackOf(read) : read;
}

export function statusCallbackOf(read: CallbackFields): StatusCallback | UnreadableCallback {
  const status = readStatus(field(read.fields, 'status'));
  const deviations = callbackDeviations(read, statusContract);
  if (status === null) return unreadable('status_not_readable', deviations);
  return {
    kind: 'status',
    messageId: readId(field(read.fields, 'message_id')),
    status,
    sms: readSmsStatus(read.fields),
    deviations,
  };
}
