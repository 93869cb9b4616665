import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import { Log } from '../platform/logging/index.js';
import { Loop } from '../platform/loops/index.js';
import type { Caller } from './caller.js';

const noteKeyUses = sqlFile(import.meta.url, './sql/note-key-uses.sql');
const intervalMs = 10_000;
const rememberedMs = 60_000;

/** Remembers which keys were used and writes it behind the requests: at most once a minute for each key. */
@Injectable()
export class KeyUseRecorder implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly loop: Loop;
  private readonly used = new Map<string, string>();
  private readonly writtenAtMs = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    log: Log,
  ) {
    this.loop = new Loop(() => this.runOnce(), { name: 'key uses', intervalMs, log });
  }

  onApplicationBootstrap(): void {
    this.loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.loop.stop();
  }

  note({ apiKeyId, tenantId }: Caller): void {
    if (!this.writtenAtMs.has(apiKeyId)) this.used.set(apiKeyId, tenantId);
  }

  /** Writes what was noted since; what cannot be written is noted again. */
  async runOnce(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    for (const [id, atMs] of this.writtenAtMs) {
      if (nowMs - atMs >= rememberedMs) this.writtenAtMs.delete(id);
    }
    if (this.used.size === 0) return;
    const batch = new Map(this.used);
    this.used.clear();
    try {
      await this.database.transaction('reads', { role: 'ingest' }, (transaction) =>
        transaction.query(noteKeyUses, [[...batch.values()], [...batch.keys()]]),
      );
    } catch (error) {
      for (const [id, tenantId] of batch) this.used.set(id, tenantId);
      throw error;
    }
    for (const id of batch.keys()) this.writtenAtMs.set(id, nowMs);
  }
}
