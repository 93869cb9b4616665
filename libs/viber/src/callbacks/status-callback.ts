import type { ViberSmsStatus } from '../answer.js';
import { field, namesBeyond, readId } from '../fields.js';
import type { Leniency } from '../json.js';
import { readSmsStatus, readStatus, statusAnswerFields } from '../read-status-answer.js';
import {
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
  readonly leniencies: readonly Leniency[];
  readonly unknownFields: readonly string[];
}

/** Reads a status callback. Never throws. */
export function parseStatusCallback(request: CallbackRequest): StatusCallback | UnreadableCallback {
  const read = readCallbackFields(request);
  return read.kind === 'fields' ? statusCallbackOf(read) : read;
}

export function statusCallbackOf(read: CallbackFields): StatusCallback | UnreadableCallback {
  const status = readStatus(field(read.fields, 'status'));
  if (status === null) return unreadable('status_not_readable');
  return {
    kind: 'status',
    messageId: readId(field(read.fields, 'message_id')),
    status,
    sms: readSmsStatus(read.fields),
    leniencies: read.leniencies,
    unknownFields: namesBeyond(read.fields, statusAnswerFields),
  };
}
