import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Configuration } from '../platform/config/index.js';
import { Mac } from '../platform/crypto/index.js';
import { DatabaseUnavailable } from '../platform/errors/index.js';
import { expandId, shortenId } from '../platform/ids/index.js';
import { Log } from '../platform/logging/index.js';
import { Loop } from '../platform/loops/index.js';
import { CallbackKeys } from './callback-keys.js';

const refreshMs = 10_000;
/** A new key signs only when every process has had the time to read it. */
const signsAfterMs = 30_000;
const day = 86_400_000;
/** The provider tells a status for five days; one more for what is late. */
const statusesAfterRetirementMs = 6 * day;

/** One attempt of a message, as its callback URL names it. */
export interface StatusOrigin {
  readonly tenantId: string;
  readonly accountId: string;
  readonly messageId: string;
  readonly attempt: number;
}

interface SigningKey {
  readonly id: number;
  readonly mac: Mac;
  readonly createdAtMs: number;
  readonly retiredAtMs: number | null;
}

/**
 * URLs that only this installation can make, so that a callback is evidence of what its URL names. Signing
 * and verifying touch no database: the keys are in memory, and read again every ten seconds (DISPATCH 15).
 */
@Injectable()
export class CallbackUrls implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly base: string | null;
  private readonly loop: Loop;
  private keys: ReadonlyMap<number, SigningKey> = new Map();
  private refreshedAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    { callbacks }: Configuration,
    private readonly callbackKeys: CallbackKeys,
    private readonly clock: Clock,
    log: Log,
  ) {
    this.base = callbacks.publicUrl === null ? null : `${callbacks.publicUrl}/callbacks/viber`;
    this.loop = new Loop(() => this.refresh(), {
      name: 'callback keys',
      intervalMs: refreshMs,
      maxBackOffMs: refreshMs,
      log,
    });
  }

  async onModuleInit(): Promise<void> {
    await this.callbackKeys.ensureOne();
    await this.refresh();
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  /** Reads the keys anew. */
  async refresh(): Promise<void> {
    const atMs = this.clock.monotonicMs();
    const keys = await this.callbackKeys.list();
    this.keys = new Map(
      keys.map(({ id, secret, createdAt, retiredAt }) => [
        id,
        {
          id,
          mac: this.keys.get(id)?.mac ?? new Mac(secret),
          createdAtMs: createdAt.getTime(),
          retiredAtMs: retiredAt?.getTime() ?? null,
        },
      ]),
    );
    this.refreshedAtMs = atMs;
  }

  /** Where the provider tells the status of one attempt; null with CALLBACKS=off. */
  forStatus({ tenantId, accountId, messageId, attempt }: StatusOrigin): string | null {
    if (this.base === null) return null;
    const ids = [shortenId(tenantId), shortenId(accountId), shortenId(messageId), String(attempt)];
    return `${this.base}/s/${this.sign('status', ids)}`;
  }

  /** Where the provider delivers the replies that come in over a connection; null with CALLBACKS=off. */
  forInbound(connectionId: string): string | null {
    if (this.base === null) return null;
    return `${this.base}/i/${this.sign('inbound', [shortenId(connectionId)])}`;
  }

  /**
   * What the last part of a status URL names; null where we did not make it, or too long ago.
   * @throws DatabaseUnavailable when its key may be one that could not be read yet
   */
  readStatus(token: string): StatusOrigin | null {
    const parts = token.split('.');
    if (parts.length !== 6) return null;
    const key = this.verify('status', parts);
    if (key === null || this.isOver(key)) return null;
    const [tenantId, accountId, messageId] = parts.slice(0, 3).map(expandId);
    const attempt = Number(parts[3]);
    if (!tenantId || !accountId || !messageId || !Number.isInteger(attempt)) return null;
    return { tenantId, accountId, messageId, attempt };
  }

  /**
   * Whose replies an inbound URL takes; null where we did not make it. Valid as long as the connection lives, as
   * people have handed it to the provider.
   * @throws DatabaseUnavailable when its key may be one that could not be read yet
   */
  readInbound(token: string): { connectionId: string } | null {
    const parts = token.split('.');
    if (parts.length !== 3 || this.verify('inbound', parts) === null) return null;
    const connectionId = expandId(parts[0] as string);
    return connectionId === null ? null : { connectionId };
  }

  private sign(purpose: string, ids: readonly string[]): string {
    const key = this.signingKey();
    const signed = [...ids, String(key.id)];
    return `${signed.join('.')}.${key.mac.sign(purpose, signed)}`;
  }

  /** The newest key that all processes know; before there is one, the oldest. */
  private signingKey(): SigningKey {
    const knownSinceMs = this.clock.nowMs() - signsAfterMs;
    let chosen: SigningKey | null = null;
    for (const key of this.keys.values()) {
      if (chosen === null || key.createdAtMs <= knownSinceMs) chosen = key;
    }
    if (chosen === null) throw new Error('the keys of callback URLs have not been read');
    return chosen;
  }

  private verify(purpose: string, parts: readonly string[]): SigningKey | null {
    const signed = parts.slice(0, -1);
    const keyId = signed.at(-1) as string;
    if (!/^[1-9]\d{0,4}$/.test(keyId)) return null;
    const key = this.keys.get(Number(keyId));
    if (key === undefined) return this.unknownKey();
    return key.mac.verify(purpose, signed, parts.at(-1) as string) ? key : null;
  }

  /** With keys read lately nobody can have signed with another one; without, the provider may come again. */
  private unknownKey(): null {
    if (this.clock.monotonicMs() - this.refreshedAtMs < signsAfterMs) return null;
    this.loop.wake();
    throw new DatabaseUnavailable();
  }

  private isOver({ retiredAtMs }: SigningKey): boolean {
    return retiredAtMs !== null && this.clock.nowMs() - retiredAtMs > statusesAfterRetirementMs;
  }
}
