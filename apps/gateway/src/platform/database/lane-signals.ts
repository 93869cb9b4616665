import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { EventEmitter } from 'node:events';
import type pg from 'pg';
import { Log } from '../logging/index.js';
import { connect } from './connect.js';
import { DatabaseAddress } from './database-address.js';

const channel = 'tyrian_work';
/** Behind the account in a NOTIFY: look from the head. */
const fromHead = ' from-head';
const idLength = 36;
const reconnectMs = 2_000;

export interface WorkHint {
  /** It stands before what was accepted last: a scheduled message that came late. */
  readonly isFromHead: boolean;
}

/**
 * Hints that a lane has work: from this process at once, from others by NOTIFY. A hint may be lost or come
 * for nothing; whoever listens looks for the work itself, and looks without a hint as well.
 */
@Injectable()
export class LaneSignals implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly emitter = new EventEmitter();
  private client: pg.Client | null = null;
  private timer: NodeJS.Timeout | null = null;
  private closed = false;
  private isDeaf = false;

  constructor(
    private readonly address: DatabaseAddress,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    if (this.emitter.listenerCount('work') > 0) void this.listen();
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
    await this.client?.end().catch(() => undefined);
  }

  onWork(listener: (accountId: string, hint: WorkHint) => void): void {
    this.emitter.on('work', listener);
  }

  announce(accountId: string, hint: WorkHint = { isFromHead: false }): void {
    this.emitter.emit('work', accountId, hint);
  }

  private async listen(): Promise<void> {
    const { url, directUrl } = this.address;
    const variable = directUrl === url ? 'DATABASE_URL' : 'DATABASE_DIRECT_URL';
    try {
      const { client } = await connect(variable, directUrl, 'tyrian signals');
      this.client = client;
      client.once('error', () => this.again(client));
      client.once('end', () => this.again(client));
      client.on('notification', ({ payload }) => {
        if (payload)
          this.announce(payload.slice(0, idLength), { isFromHead: payload.endsWith(fromHead) });
      });
      if (this.closed) await client.end();
      else await client.query(`listen ${channel}`);
      this.isDeaf = false;
    } catch (error) {
      // Tried again every two seconds, and told once.
      if (!this.isDeaf && !this.closed) {
        this.log.warn(
          { err: error },
          `cannot listen for hints of work over ${variable}; looking every second instead`,
        );
      }
      this.isDeaf = true;
      this.again(this.client);
    }
  }

  private again(client: pg.Client | null): void {
    if (this.closed || this.client !== client) return;
    this.client = null;
    client?.end().catch(() => undefined);
    if (this.timer) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.listen(), reconnectMs);
    this.timer.unref();
  }
}
