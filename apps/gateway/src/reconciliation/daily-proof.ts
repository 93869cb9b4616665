import { setTimeout } from 'node:timers/promises';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { smallestIdAt } from '../messages/index.js';
import { Configuration } from '../platform/config/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import { Log } from '../platform/logging/index.js';
import {
  figuresOf,
  keyOfMiss,
  unexplained,
  verdictOf,
  type DaySums,
  type Miss,
  type MissKind,
  type ProofFigures,
  type ProofVerdict,
} from './proof-figures.js';

export interface Proof {
  readonly verdict: ProofVerdict;
  readonly figures: ProofFigures;
  readonly misses: readonly Miss[];
}

interface MissRow {
  readonly kind: MissKind;
  readonly message_id: string;
  readonly status: string | null;
  readonly expected: string | null;
  readonly what: string | null;
}

/** The proof was given up: the gateway is stopping. */
export class ProofStopped extends Error {}

// As texts, not as prepared statements: each is planned for its own range, which may hold a row or a million.
const sumDay = sqlFile(import.meta.url, './sql/sum-day.sql').text;
const nextChunk = sqlFile(import.meta.url, './sql/next-chunk.sql').text;
const findMisses = sqlFile(import.meta.url, './sql/find-misses.sql').text;
const traceMissing = sqlFile(import.meta.url, './sql/trace-missing.sql').text;

const dayMs = 86_400_000;
const chunkMessages = 2_000;
/** More than these are counted as misses of a day that is lost anyhow. */
const mostMisses = 1_000;
/** Of the two statements that look at a whole day at once. */
const wholeDayTimeoutMs = 30_000;

/**
 * Proves one tenant's day: what the counters say against what the rows say, and message by message whether row,
 * timeline, receipts and work in hand tell the same. The sums are one statement, so that a day that is being written
 * adds up all the same; the messages are walked in chunks, each a short transaction, with a pause as long as its work.
 */
@Injectable()
export class DailyProof implements BeforeApplicationShutdown {
  private stopping = false;

  constructor(
    private readonly database: Database,
    private readonly configuration: Configuration,
    private readonly log: Log,
  ) {}

  beforeApplicationShutdown(): void {
    this.stopping = true;
  }

  /**
   * @param day such as 2026-03-01, UTC
   * @throws ProofStopped
   */
  async prove(tenantId: string, day: string): Promise<Proof> {
    const first = await this.look(tenantId, day);
    if (first.verdict !== 'failed') return first;
    // Nobody is alarmed by a single look: what is amiss is amiss a second time.
    const second = await this.look(tenantId, day);
    const seenBefore = new Set(first.misses.map(keyOfMiss));
    const misses = second.misses.filter((miss) => seenBefore.has(keyOfMiss(miss)));
    return { ...second, misses, verdict: verdictOf(second.figures, misses) };
  }

  private async look(tenantId: string, day: string): Promise<Proof> {
    const from = Date.parse(`${day}T00:00:00Z`);
    const bounds = [smallestIdAt(from), smallestIdAt(from + dayMs)] as const;
    const figures = figuresOf(await this.sums(tenantId, day, bounds));
    const named = await this.walk(tenantId, bounds);
    const { counted, found } = figures.lines.accepted;
    if (counted - found > missingIn(named).size) {
      const known = missingIn(named);
      const traced = await this.traceMissing(tenantId, bounds);
      named.push(...traced.filter((miss) => !known.has(miss.messageId)));
    }
    const misses = [...named, ...unexplained(figures, named)];
    return { figures, misses, verdict: verdictOf(figures, misses) };
  }

  private async sums(
    tenantId: string,
    day: string,
    bounds: readonly [string, string],
  ): Promise<DaySums> {
    const { leaseMs, graceMs } = this.configuration.provider;
    const [sums] = await this.database.transaction(
      'reads',
      { role: 'worker', statementTimeoutMs: wholeDayTimeoutMs },
      (tx) => tx.query<DaySums>(sumDay, [tenantId, day, ...bounds, (leaseMs + graceMs) / 1_000]),
    );
    return sums as DaySums;
  }

  private async walk(tenantId: string, [first, end]: readonly [string, string]): Promise<Miss[]> {
    const misses: Miss[] = [];
    let from: string | null = first;
    while (from !== null && misses.length < mostMisses) {
      if (this.stopping) throw new ProofStopped();
      const startedMs = performance.now();
      const chunk: Chunk = await this.chunk(tenantId, from, end, mostMisses - misses.length);
      misses.push(...chunk.misses);
      from = chunk.next;
      // The reading pool is small: whoever waits for it has at least every second turn.
      if (from !== null) await setTimeout(performance.now() - startedMs);
    }
    return misses;
  }

  private chunk(tenantId: string, from: string, end: string, most: number): Promise<Chunk> {
    return this.database.transaction('reads', { role: 'worker' }, async (tx) => {
      const [behind] = await tx.query<{ id: string }>(nextChunk, [
        tenantId,
        from,
        end,
        chunkMessages,
      ]);
      const next = behind?.id ?? null;
      const rows = await tx.query<MissRow>(findMisses, [tenantId, from, next ?? end, most]);
      return { next, misses: rows.map(missOf) };
    });
  }

  /** A search without an index: where it takes too long the message stays without a name, and the line that differs tells. */
  private async traceMissing(tenantId: string, bounds: readonly [string, string]): Promise<Miss[]> {
    try {
      const rows = await this.database.transaction(
        'reads',
        { role: 'worker', statementTimeoutMs: wholeDayTimeoutMs },
        (tx) => tx.query<MissRow>(traceMissing, [tenantId, ...bounds, mostMisses]),
      );
      return rows.map(missOf);
    } catch (error) {
      this.log.warn({ err: error, tenant: tenantId }, 'missing messages could not be traced');
      return [];
    }
  }
}

interface Chunk {
  /** Where the next one begins; null after the last. */
  readonly next: string | null;
  readonly misses: readonly Miss[];
}

function missOf(row: MissRow): Miss {
  return {
    kind: row.kind,
    messageId: row.message_id,
    status: row.status,
    expected: row.expected,
    what: row.what,
  };
}

function missingIn(misses: readonly Miss[]): Set<string | null> {
  return new Set(
    misses.filter((miss) => miss.kind === 'message_missing').map((miss) => miss.messageId),
  );
}
