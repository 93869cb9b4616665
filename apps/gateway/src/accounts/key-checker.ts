import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { ViberClient, type ViberKeyCheck } from '#viber';
import { Configuration } from '../platform/config/index.js';
import { Database, InstallationHold } from '../platform/database/index.js';
import { withoutDeadline } from '../platform/deadline/index.js';
import { Log } from '../platform/logging/index.js';

/** A key to try out, and where its verdict belongs. */
export interface KeyToCheck {
  readonly connectionId: string;
  readonly version: number;
  readonly key: string;
}

const atOnce = 4;
/** More than these are left unchecked: a check is a kindness, no gate. */
const mostWaiting = 1_000;

// Only of the key that was tried: it may have been replaced meanwhile.
const noteVerdict = `update connections set key_verdict = $3, key_checked_at = app_clock()
  where id = $1 and key_version = $2`;

/**
 * Tries new provider keys with a harmless question, behind the answer of the request that brought them. While the
 * installation is on hold none is asked, and the key stays unchecked.
 */
@Injectable()
export class KeyChecker implements BeforeApplicationShutdown {
  private readonly waiting: KeyToCheck[] = [];
  private readonly running = new Set<Promise<void>>();
  private closing = false;

  constructor(
    private readonly client: ViberClient,
    private readonly configuration: Configuration,
    private readonly database: Database,
    private readonly hold: InstallationHold,
    private readonly log: Log,
  ) {}

  /** Returns at once; the verdict appears on the connection. */
  checkLater(key: KeyToCheck): void {
    if (this.closing || this.waiting.length >= mostWaiting) return;
    this.waiting.push(key);
    withoutDeadline(() => this.startNext());
  }

  /** When all checks that were asked for have their verdict. */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    this.waiting.length = 0;
    await this.idle();
  }

  private startNext(): void {
    while (this.running.size < atOnce) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      const run = this.check(next).finally(() => {
        this.running.delete(run);
        this.startNext();
      });
      this.running.add(run);
    }
  }

  private async check({ connectionId, version, key }: KeyToCheck): Promise<void> {
    try {
      if (await this.hold.isOn()) return;
      const verdict = await this.ask(key);
      await this.database.transaction('reads', { role: 'worker' }, (transaction) =>
        transaction.query(noteVerdict, [connectionId, version, verdict]),
      );
    } catch (error) {
      this.log.warn(
        { connection: connectionId, err: error },
        'a provider key could not be checked',
      );
    }
  }

  private ask(key: string): Promise<ViberKeyCheck> {
    const { auth, timeoutMs } = this.configuration.provider;
    return this.client.check({ key, auth }, { timeoutMs });
  }
}
