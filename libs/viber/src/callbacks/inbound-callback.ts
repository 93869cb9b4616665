import { inboundContract, type Deviation } from '../deviations.js';
import { asFields, field, readId, scalarText } from '../fields.js';
import {
  callbackDeviations,
  readCallbackFields,
  readText,
  unreadable,
  type CallbackFields,
  type CallbackRequest,
  type UnreadableCallback,
} from './callback-request.js';

/** A recipient replied to a two-way message. Names no sender and no account: only its URL can. */
export interface InboundCallback {
  readonly kind: 'inbound';
  /** As text, all digits: 64 bits wide. */
  readonly messageToken: string;
  /** Digits with the country code, without `+`. */
  readonly phoneNumber: string;
  /** When the recipient wrote; null where the unit cannot be told. */
  readonly sentAt: Date | null;
  /** Null where the reply carried no text. */
  readonly text: string | null;
  /** Names the last message on the phone, not surely the one replied to. */
  readonly trackingData: string | null;
  /** In what it differs from the contract that is known. */
  readonly deviations: readonly Deviation[];
}

/** Reads an inbound message. Never throws. */
export function parseInboundCallback(
  request: CallbackRequest,
): InboundCallback | UnreadableCallback {
  const read = readCallbackFields(request);
  return read.kind === 'fields' ? inboundCallbackOf(read) : read;
}

export function inboundCallbackOf(read: CallbackFields): InboundCallback | UnreadableCallback {
  const { fields } = read;
  const deviations = callbackDeviations(read, inboundContract);
  const messageToken = readId(field(fields, 'message_token'));
  if (messageToken === null) return unreadable('message_token_not_readable', deviations);
  const phoneNumber = readPhoneNumber(field(fields, 'phone_number'));
  if (phoneNumber === null) return unreadable('phone_number_not_readable', deviations);

  const message = field(fields, 'message');
  const parts = asFields(message);
  return {
    kind: 'inbound',
    messageToken,
    phoneNumber,
    sentAt: readTime(field(fields, 'time')),
    text: readText(parts ? field(parts, 'text') : message),
    trackingData: parts && readText(field(parts, 'tracking_data')),
    deviations,
  };
}

function readPhoneNumber(value: unknown): string | null {
  const text = scalarText(value);
  if (text === null || !/^\+?[\d\s().-]+$/.test(text)) return null;
  const digits = text.replace(/\D/g, '');
  return digits.length >= 1 && digits.length <= 20 ? digits : null;
}

/** The provider does not state the unit: ten digits are seconds, thirteen milliseconds. */
function readTime(value: unknown): Date | null {
  const text = scalarText(value);
  if (text === null || !/^(\d{10}|\d{13})$/.test(text)) return null;
  return new Date(text.length === 10 ? Number(text) * 1000 : Number(text));
}
