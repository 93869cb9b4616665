import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Configuration } from '../platform/config/index.js';
import { Database, InstallationMarks } from '../platform/database/index.js';
import { productVersion } from '../platform/process/index.js';

const announce = `insert into workers (id, version, lease_ms, clock_offset_ms) values ($1, $2, $3, $4)`;
const beat = `update workers set heartbeat_at = app_clock(), lanes = $2, clock_offset_ms = $3
  where id = $1 and lost_at is null returning app_clock() as now`;
const leave = `delete from workers where id = $1`;
const loseSilent = `update workers set lost_at = app_clock()
  where lost_at is null and id <> $1 and heartbeat_at < app_clock() - make_interval(secs => lease_ms / 1000.0) returning id`;
const countAlive = `select count(*)::int as alive from workers
  where lost_at is null and heartbeat_at >= app_clock() - make_interval(secs => lease_ms / 1000.0)`;

/**
 * This process among the workers: one heartbeat row under a fresh UUID. A heartbeat on a lost row fails, and the
 * process goes on under a new UUID, without any of its lanes (DISPATCH 4 and 7).
 */
@Injectable()
export class WorkerPresence {
  private worker = randomUUID();
  private announced = false;
  /** When the last successful heartbeat was sent: before it was answered, so that the lease is never overrated. */
  private beatSentMs: number | null = null;
  private beatSentAtMs: number | null = null;
  private unbrokenSinceMs: number | null = null;
  private readonly listeners: (() => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly marks: InstallationMarks,
    private readonly clock: Clock,
    private readonly configuration: Configuration,
  ) {}

  /** Under which the lanes are owned; changes when this process was declared lost. */
  get id(): string {
    return this.worker;
  }

  /** Pause between two heartbeats in milliseconds. */
  get intervalMs(): number {
    return Math.max(100, Math.min(1_000, this.configuration.provider.leaseMs / 10));
  }

  /** A byte may go to the provider: whatever is written now is answered or timed out before the lease ends. */
  mayWrite(): boolean {
    if (this.beatSentMs === null || this.beatSentAtMs === null) return false;
    // The monotonic clock may stand still while a virtual machine is paused; the time of day does not.
    const sinceMs = Math.max(
      this.clock.monotonicMs() - this.beatSentMs,
      Date.now() - this.beatSentAtMs,
    );
    return sinceMs < this.writeBudgetMs;
  }

  /** The same for what was intended under a name: under a lost one nothing is written any more. */
  mayWriteAs(worker: string): boolean {
    return worker === this.worker && this.mayWrite();
  }

  /** How long after its heartbeat, or its intent, a byte may still be written. */
  get writeBudgetMs(): number {
    const { leaseMs, timeoutMs, marginMs } = this.configuration.provider;
    return leaseMs - timeoutMs - marginMs;
  }

  /** Only a full lease of own unbroken heartbeats shows that it is the other who is silent, not the database. */
  mayTakeOver(): boolean {
    const { leaseMs } = this.configuration.provider;
    return (
      this.unbrokenSinceMs !== null && this.clock.monotonicMs() - this.unbrokenSinceMs >= leaseMs
    );
  }

  /** Called when this process was declared lost, and when it cannot know whether it was: its lanes are gone. */
  onLost(listener: () => void): void {
    this.listeners.push(listener);
  }

  async beat(lanes: number): Promise<void> {
    const sentMs = this.clock.monotonicMs();
    const sentAtMs = Date.now();
    const alive = await this.write(lanes);
    if (!alive) {
      this.lose();
      await this.write(0);
    }
    const broken =
      this.beatSentMs === null ||
      sentMs - this.beatSentMs > this.configuration.provider.leaseMs / 2;
    if (broken || this.unbrokenSinceMs === null) this.unbrokenSinceMs = sentMs;
    this.beatSentMs = sentMs;
    this.beatSentAtMs = sentAtMs;
  }

  /** Declares silent workers lost. Returns how many. */
  async loseSilentWorkers(): Promise<number> {
    if (!this.mayTakeOver()) return 0;
    return this.database.transaction('health', { role: 'worker' }, async (tx) => {
      return (await tx.query(loseSilent, [this.worker])).length;
    });
  }

  async countAlive(): Promise<number> {
    return this.database.transaction('health', { role: 'worker' }, async (tx) => {
      const [row] = await tx.query<{ alive: number }>(countAlive);
      return Math.max(1, row?.alive ?? 1);
    });
  }

  /** Takes the row away, after the lanes were given back. */
  async leave(): Promise<void> {
    await this.database.transaction('health', { role: 'worker' }, (tx) =>
      tx.query(leave, [this.worker]),
    );
    this.announced = false;
    this.beatSentMs = null;
  }

  private async write(lanes: number): Promise<boolean> {
    return this.database.transaction(
      'health',
      { role: 'worker', statementTimeoutMs: 2_000 },
      async (tx) => {
        await this.marks.compare(tx);
        if (!this.announced) {
          await tx.query(announce, [
            this.worker,
            productVersion,
            this.configuration.provider.leaseMs,
            this.clock.offsetMs,
          ]);
          this.announced = true;
          return true;
        }
        const sentMs = Date.now();
        const [row] = await tx.query<{ now: Date }>(beat, [
          this.worker,
          lanes,
          this.clock.offsetMs,
        ]);
        if (!row) return false;
        this.clock.measure(row.now.getTime(), sentMs, Date.now());
        return true;
      },
    );
  }

  private lose(): void {
    this.worker = randomUUID();
    this.announced = false;
    this.beatSentMs = null;
    this.unbrokenSinceMs = null;
    for (const listener of this.listeners) listener();
  }
}
