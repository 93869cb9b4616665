import type { ViberSendAnswer, ViberStatusAnswer } from './answer.js';
import type { ViberCredential } from './credential.js';
import {
  ViberBalanceEmpty,
  ViberRateLimited,
  ViberRefused,
  ViberUnauthorized,
  ViberWrongAddress,
} from './errors.js';
import type { WireSendRequest } from './wire.js';

export interface ViberCallOptions {
  /**
   * Deadline over the whole call: waiting for a socket, connecting, writing and the answer.
   * @default the client's `timeoutMs`
   */
  timeoutMs?: number;
  /**
   * Asked once, synchronously, when a connected socket stands ready and nothing has been written yet.
   * False, or a throw, keeps the request off the wire: ViberNotReached with the reason `not_allowed`.
   */
  mayWrite?: () => boolean;
}

/** `plausible`: the provider did not object to the key, which is all that can be known without sending. */
export type ViberKeyCheck = 'refused' | 'plausible' | 'unreachable';

/** Nobody's message: ids are given from 1 upwards, and 2^31-1 still fits a database's integer. */
const impossibleMessageId = '2147483647';

/**
 * The provider's two calls. The abstract class is its own token for dependency injection.
 *
 * Every call is made once: no retries, no redirects. What did not succeed rejects with a ViberError
 * whose class says what is known: not sent, refused, or unknown.
 */
export abstract class ViberClient {
  /**
   * Sends one message.
   *
   * @throws ViberError
   */
  abstract send(
    credential: ViberCredential,
    request: WireSendRequest,
    options?: ViberCallOptions,
  ): Promise<ViberSendAnswer>;

  /**
   * Asks for the status of a message, which the provider knows for five days. A 400 (ViberRefused) or
   * 404 (ViberWrongAddress) may mean no more than that it does not know the message.
   *
   * @param messageId digits, as `send` gave them
   * @throws ViberError
   */
  abstract status(
    credential: ViberCredential,
    messageId: string,
    options?: ViberCallOptions,
  ): Promise<ViberStatusAnswer>;

  /** Takes no more calls, waits for those under way and closes the connections. */
  abstract close(): Promise<void>;

  /** Tries a key without sending anything, by asking for a message that does not exist. */
  async check(credential: ViberCredential, options?: ViberCallOptions): Promise<ViberKeyCheck> {
    try {
      await this.status(credential, impossibleMessageId, options);
      return 'plausible';
    } catch (error) {
      if (error instanceof ViberUnauthorized) return 'refused';
      return isProvidersOwn(error) ? 'plausible' : 'unreachable';
    }
  }
}

/** Whether an error shows that the provider itself, and not something on the way, looked at the key. */
function isProvidersOwn(error: unknown): boolean {
  if (error instanceof ViberRefused) return !error.transport;
  if (error instanceof ViberWrongAddress) return error.answer?.errorBody != null;
  return error instanceof ViberRateLimited || error instanceof ViberBalanceEmpty;
}
