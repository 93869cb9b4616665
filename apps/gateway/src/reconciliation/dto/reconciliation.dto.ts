import { ApiProperty } from '@nestjs/swagger';
import { showId } from '../../platform/ids/index.js';
import {
  missKinds,
  proofLines,
  proofVerdicts,
  type Miss,
  type MissKind,
  type ProofLine,
  type ProofVerdict,
} from '../proof-figures.js';
import type { ProofPage, ProvedDay } from '../proof-reader.js';

/** One line of the proof, from two sides that know nothing of each other. */
export class FigureDto {
  /**
   * By the counters that were written in the transactions that accepted and ended the messages.
   * @example 1000
   */
  @ApiProperty({ type: 'integer' })
  counted!: number;

  /**
   * By the messages as they are found now.
   * @example 1000
   */
  @ApiProperty({ type: 'integer' })
  found!: number;
}

/** All that was accepted, and what became of it. `accepted` is the sum of the other lines. */
export class ProofLinesDto {
  /** All that were accepted on that day. */
  accepted!: FigureDto;

  /** Reached the recipient. */
  delivered!: FigureDto;

  /** Not delivered within their validity. */
  undelivered!: FigureDto;

  /** Refused by the provider. */
  rejected!: FigureDto;

  /** An error of the provider’s, or surely not sent. */
  failed!: FigureDto;

  /** Their validity ended before they were sent. */
  expired!: FigureDto;

  /** Taken back before they were sent. */
  cancelled!: FigureDto;

  /** May have been sent or not, and no evidence can come any more. */
  uncertain!: FigureDto;

  /** Sent, without a final status in time. */
  unresolved!: FigureDto;

  /** Counted: what the others leave over. Found: scheduled, queued, on the wire, or followed. */
  open!: FigureDto;
}

/** One thing that is amiss. */
export class MissDto {
  /**
   * `message_missing` its row is gone; `status_differs` from its timeline; `event_missing` in its timeline; `nowhere`
   * it has no end, and nobody works on it; `two_places` at once; `counter_differs` and no message explains it.
   * New kinds may appear.
   * @example 'message_missing'
   */
  @ApiProperty({ enum: missKinds, enumName: 'MissKind' })
  kind!: MissKind;

  /**
   * null where no row tells which message it is.
   * @example 'msg_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  @ApiProperty({ type: String, nullable: true })
  message_id!: string | null;

  /**
   * The status that the message's row tells; null where it tells none, or is gone.
   * @example 'failed'
   */
  @ApiProperty({ type: String, nullable: true })
  status!: string | null;

  /**
   * The end that its timeline tells; null for none.
   * @example 'delivered'
   */
  @ApiProperty({ type: String, nullable: true })
  status_by_timeline!: string | null;

  /**
   * The event that is missing, the places that know the message, or the line that differs.
   * @example 'events, receipts'
   */
  @ApiProperty({ type: String, nullable: true })
  detail!: string | null;

  static of(miss: Miss): MissDto {
    return {
      kind: miss.kind,
      message_id: miss.messageId === null ? null : showId('msg', miss.messageId),
      status: miss.status,
      status_by_timeline: miss.expected,
      detail: miss.what,
    };
  }
}

/** When the verdict changed. */
export class ProofChangeDto {
  /**
   * Since when the verdict was this one.
   * @example '2026-03-02T00:05:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  at!: string;

  /** What it was from then on. */
  @ApiProperty({ enum: proofVerdicts, enumName: 'ProofVerdict' })
  verdict!: ProofVerdict;
}

/** The proof of one UTC day of acceptance. */
export class ReconciliationDto {
  /**
   * Whose day it is.
   * @example 'ten_01jf8z5v3we2r9n6k4q7t0xyzb'
   */
  tenant_id!: string;

  /**
   * The UTC day on which its messages were accepted.
   * @example '2026-03-01'
   */
  @ApiProperty({ format: 'date' })
  day!: string;

  /**
   * `open`: it adds up so far, and some messages have no end yet. `proved`: it adds up, and all have one. `failed`: it
   * does not add up.
   * @example 'proved'
   */
  @ApiProperty({ enum: proofVerdicts, enumName: 'ProofVerdict' })
  verdict!: ProofVerdict;

  /** All that was accepted, and what became of it. */
  figures!: ProofLinesDto;

  /**
   * Callbacks about messages that are not there.
   * @example 0
   */
  @ApiProperty({ type: 'integer' })
  orphaned_callbacks!: number;

  /**
   * Messages on the wire for longer than a lease and a grace: nobody has settled them.
   * @example 0
   */
  @ApiProperty({ type: 'integer' })
  open_intents!: number;

  /**
   * Messages without an end of which the provider will tell nothing any more within six hours.
   * @example 0
   */
  @ApiProperty({ type: 'integer' })
  leaving_window!: number;

  /**
   * Everything that is amiss; 1,000 at most.
   * @example 0
   */
  @ApiProperty({ type: 'integer' })
  miss_count!: number;

  /** In a list the first 100; the single day shows all. */
  misses!: MissDto[];

  /**
   * How often the day was proved.
   * @example 26
   */
  @ApiProperty({ type: 'integer' })
  checks!: number;

  /**
   * When the day was proved first.
   * @example '2026-03-01T00:05:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  first_checked_at!: string;

  /**
   * When it was proved last.
   * @example '2026-03-09T00:05:00.000Z'
   */
  @ApiProperty({ format: 'date-time' })
  checked_at!: string;

  /**
   * When it is proved again; null: settled, or its messages are no longer kept.
   * @example '2026-03-10T00:05:00.000Z'
   */
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  next_check_at!: string | null;

  /** The last changes of the verdict, the oldest first; 20 at most. */
  history!: ProofChangeDto[];

  static of(row: ProvedDay, shownMisses = Number.POSITIVE_INFINITY): ReconciliationDto {
    const { figures } = row;
    return {
      tenant_id: showId('ten', row.tenant_id),
      day: row.day,
      verdict: row.verdict,
      figures: Object.fromEntries(proofLines.map((line) => [line, figures.lines[line]])) as Record<
        ProofLine,
        FigureDto
      >,
      orphaned_callbacks: figures.orphanedCallbacks,
      open_intents: figures.openIntents,
      leaving_window: figures.leavingWindow,
      miss_count: row.miss_count,
      misses: row.misses.slice(0, shownMisses).map((miss) => MissDto.of(miss)),
      checks: row.checks,
      first_checked_at: row.first_checked_at.toISOString(),
      checked_at: row.checked_at.toISOString(),
      next_check_at: row.next_check_at?.toISOString() ?? null,
      history: row.history.map(({ at, verdict }) => ({ at: new Date(at).toISOString(), verdict })),
    };
  }
}

const missesInList = 100;

/** A page of proved days. */
export class ReconciliationListDto {
  /** The days of this page. */
  data!: ReconciliationDto[];

  /**
   * For the next page; null on the last one.
   * @example 'n20260301AZ2fP3sOcHeKX5Cme8Y2kA'
   */
  @ApiProperty({ type: String, nullable: true })
  next_cursor!: string | null;

  static of({ rows, nextCursor }: ProofPage): ReconciliationListDto {
    return {
      data: rows.map((row) => ReconciliationDto.of(row, missesInList)),
      next_cursor: nextCursor,
    };
  }
}
