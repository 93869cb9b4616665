import { remainingMs, withinDeadline, withoutDeadline } from '../platform/deadline/index.js';
import { DatabaseUnavailable, Overloaded } from '../platform/errors/index.js';

export interface LookUpCacheOptions<Value> {
  /** Reads many keys at once; a key that is missing from the answer does not exist. */
  readonly load: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>;
  /** How long an answer is believed, in milliseconds. */
  readonly maxAgeMs: number;
  /** How long it is believed that there is nothing, in milliseconds. */
  readonly maxAbsentAgeMs: number;
  /** Entries kept; the least recently used one goes. */
  readonly size: number;
  /** Keys that may wait for a read; beyond it a caller is turned away. @default 1000 */
  readonly maxWaiting?: number;
  /** Where a read has taken so long already, in milliseconds, a caller is turned away at once. @default without end */
  readonly longestReadMs?: number;
  readonly nowMs: () => number;
}

interface Entry<Value> {
  readonly value: Value | null;
  readonly readAtMs: number;
}

interface Waiter<Value> {
  resolve(value: Value | null): void;
  reject(error: unknown): void;
}

/** From this part of its age on an answer that is asked for is read anew, while it is still believed. */
const readAheadShare = 0.25;

/**
 * Answers a few seconds old, in front of the database. One read is in flight at a time, for all keys that
 * wait: a flood of unknown keys costs one connection, and an entry that ages costs one read for all. What is in use is
 * read before it is too old, so that nobody waits for a database that is slow for a moment.
 */
export class LookUpCache<Value> {
  private readonly entries = new Map<string, Entry<Value>>();
  private readonly waiting = new Map<string, Waiter<Value>[]>();
  /** Invalidated while a read is in flight: that read may have seen the old row. */
  private readonly outdated = new Set<string>();
  /** Keys that are read before their answer is too old. */
  private readonly ahead = new Set<string>();
  private reading = false;
  private readingSinceMs = 0;

  constructor(private readonly options: LookUpCacheOptions<Value>) {}

  /** The cached answer, null where there is nothing; undefined where the database must be asked. */
  peek(key: string, maxAgeMs = this.options.maxAgeMs): Value | null | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    const limitMs =
      entry.value === null ? Math.min(maxAgeMs, this.options.maxAbsentAgeMs) : maxAgeMs;
    const ageMs = this.options.nowMs() - entry.readAtMs;
    if (ageMs > limitMs) return undefined;
    if (entry.value !== null && ageMs > limitMs * readAheadShare) this.readAhead(key);
    // Back to the young end of the map, whose order is that of use.
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  /**
   * @param leftMs how long the caller can wait
   * @throws Overloaded when too many keys wait already, DatabaseUnavailable when the present read takes too long,
   * DeadlinePassed when the request cannot wait any longer
   */
  async get(
    key: string,
    maxAgeMs = this.options.maxAgeMs,
    leftMs = remainingMs(),
  ): Promise<Value | null> {
    const cached = this.peek(key, maxAgeMs);
    if (cached !== undefined) return cached;
    return withinDeadline(this.read(key), undefined, leftMs);
  }

  /** Forgets an answer, as its row has just been changed by this process. */
  invalidate(key: string): void {
    this.entries.delete(key);
    if (this.reading) this.outdated.add(key);
  }

  /** Once for each key; should it fail, whoever asks when the answer is too old reads again. */
  private readAhead(key: string): void {
    if (this.ahead.has(key)) return;
    this.ahead.add(key);
    this.read(key)
      .catch(() => undefined)
      .finally(() => this.ahead.delete(key));
  }

  private read(key: string): Promise<Value | null> {
    const { longestReadMs = Number.POSITIVE_INFINITY, nowMs } = this.options;
    if (this.reading && nowMs() - this.readingSinceMs > longestReadMs)
      return Promise.reject(new DatabaseUnavailable());
    return new Promise((resolve, reject) => {
      const waiters = this.waiting.get(key);
      if (waiters !== undefined) waiters.push({ resolve, reject });
      else if (this.waiting.size >= (this.options.maxWaiting ?? 1_000)) reject(new Overloaded());
      else this.waiting.set(key, [{ resolve, reject }]);
      // A read serves all who wait: the time of the one who started it is not its own.
      if (!this.reading) withoutDeadline(() => void this.readAll());
    });
  }

  private async readAll(): Promise<void> {
    this.reading = true;
    this.readingSinceMs = this.options.nowMs();
    // A microtask later, so that callers of the same turn share the read.
    await Promise.resolve();
    while (this.waiting.size > 0) {
      const batch = new Map(this.waiting);
      this.waiting.clear();
      this.outdated.clear();
      await this.readBatch(batch);
    }
    this.reading = false;
  }

  private async readBatch(batch: ReadonlyMap<string, readonly Waiter<Value>[]>): Promise<void> {
    // Before the read: an answer is as old as its question.
    const readAtMs = this.options.nowMs();
    this.readingSinceMs = readAtMs;
    try {
      const found = await this.options.load([...batch.keys()]);
      for (const [key, waiters] of batch) {
        const value = found.get(key) ?? null;
        if (!this.outdated.has(key)) this.keep(key, { value, readAtMs });
        for (const waiter of waiters) waiter.resolve(value);
      }
    } catch (error) {
      for (const waiters of batch.values()) for (const waiter of waiters) waiter.reject(error);
    }
  }

  private keep(key: string, entry: Entry<Value>): void {
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (this.entries.size <= this.options.size) return;
    const [eldest] = this.entries.keys();
    this.entries.delete(eldest as string);
  }
}
