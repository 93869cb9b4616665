import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { ViberClient, type ViberKeyCheck } from '#viber';
import { Configuration } from '../platform/config/index.js';
import { Database, InstallationHold, sqlFile } from '../platform/database/index.js';
import { withoutDeadline } from '../platform/deadline/index.js';
import { Log } from '../platform/logging/index.js';
import { Loop } from '../platform/loops/index.js';
import { ConnectionKeys } from './connection-keys.js';

/** A key to try out, and where its verdict belongs. */
export interface KeyToCheck {
  readonly connectionId: string;
  readonly version: number;
  readonly key: string;
}

const atOnce = 4;
/** More than these are left to a later round: a check is a kindness, no gate. */
const mostWaiting = 1_000;

// Only of the key that was tried: it may have been replaced meanwhile.
const noteVerdict = `update connections set key_verdict = $3, key_checked_at = app_clock()
  where id = $1 and key_version = $2`;

const findUnchecked = sqlFile(import.meta.url, './sql/find-unchecked-keys.sql');
const recheckMs = 60_000;
/** Of one round: what is left waits for the next. */
const mostRechecked = 20;

/**
 * Tries new provider keys with a harmless question, behind the answer of the request that brought them. A check that
 * was lost with its process, or found the provider away, is made up for. While the installation is on hold none is
 * asked: it is made up for once that ends.
 */
@Injectable()
export class KeyChecker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly loop: Loop;
  private readonly waiting: KeyToCheck[] = [];
  private readonly running = new Set<Promise<void>>();
  private closing = false;

  constructor(
    private readonly client: ViberClient,
    private readonly configuration: Configuration,
    private readonly database: Database,
    private readonly hold: InstallationHold,
    private readonly keys: ConnectionKeys,
    private readonly log: Log,
  ) {
    this.loop = new Loop(() => this.recheck(), {
      name: 'key checks',
      intervalMs: recheckMs,
      maxBackOffMs: recheckMs,
      log,
    });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  /** Asks for the checks that have no verdict although they should have one by now. */
  async recheck(): Promise<void> {
    const rows = await this.database.transaction('reads', { role: 'worker' }, (transaction) =>
      transaction.query<{ id: string }>(findUnchecked, [mostRechecked]),
    );
    for (const { id } of rows) {
      const { key, version } = await this.keys.open(id);
      this.checkLater({ connectionId: id, version, key });
    }
  }

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
    await this.loop.stop();
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
