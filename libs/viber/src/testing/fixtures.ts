import { ViberError } from '../errors.js';
import type { ViberCredential } from '../credential.js';
import type { WireSendRequest } from '../wire.js';

export const credential: ViberCredential = { key: 'secret-key', auth: 'key' };

export const textMessage: WireSendRequest = {
  source_addr: 'Custom Company',
  destination_addr: '380671234567',
  message_type: 106,
  text: 'Message content',
  source_type: 2,
};

/** The error that a call ends with. */
export async function failureOf(call: Promise<unknown>): Promise<ViberError> {
  const settled = await call.then(
    (answer) => answer,
    (error: unknown) => error,
  );
  if (settled instanceof ViberError) return settled;
  throw new Error(`Expected a ViberError, got ${JSON.stringify(settled)} ${String(settled)}`);
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until a condition holds, at most two seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let waitedMs = 0; !condition(); waitedMs += 5) {
    if (waitedMs > 2_000) throw new Error('It never came to hold.');
    await pause(5);
  }
}
