import type { Deviation } from './deviations.js';

/** What the provider's rate limit headers say, where it sends them. */
export interface ViberRateLimit {
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly resetSeconds: number | null;
}

/** The provider's error body as it was read, its texts kept as `rawText` is; a code or status that is no number is null. */
export interface ViberErrorBody {
  readonly name: string;
  readonly message: string;
  readonly code: number | null;
  readonly status: number | null;
}

/** What is known about any answer, good or bad. */
export interface ViberAnswer {
  readonly httpStatus: number;
  /** From the call to the end of the answer, connecting included. */
  readonly durationMs: number;
  /** The body as received, cut to 2,048 characters, the credential taken out. May hold personal data. */
  readonly rawText: string;
  /** In what it differs from the contract that is known; empty for an answer as documented. */
  readonly deviations: readonly Deviation[];
  readonly errorBody: ViberErrorBody | null;
  readonly rateLimit: ViberRateLimit | null;
}

/** The provider took the message. */
export interface ViberSendAnswer extends ViberAnswer {
  /** All digits, as text: ids may be wider than 2^53. */
  readonly messageId: string;
}

/** The provider knows the message. */
export interface ViberStatusAnswer extends ViberAnswer {
  readonly messageId: string;
  /** As the provider gave it, numbers that nobody has documented included. */
  readonly status: number;
  /** The SMS that was sent in place of the message, where there was one. */
  readonly sms: ViberSmsStatus | null;
}

export interface ViberSmsStatus {
  readonly messageId: string | null;
  readonly status: number | null;
}
