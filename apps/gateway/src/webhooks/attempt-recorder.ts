import { Injectable } from '@nestjs/common';
import { Database, GroupCommit, sqlFile } from '../platform/database/index.js';
import { Ids, showId } from '../platform/ids/index.js';
import { Log } from '../platform/logging/index.js';
import type { WebhookAttempt } from './attempt.js';
import type { DeliveryStatus } from './delivery.js';
import type { ClaimedDelivery } from './delivery-claimer.js';
import { waitAfter } from './retry-schedule.js';
import type { DisabledReason } from './webhook-endpoint.entity.js';

/** An attempt that has ended, and what it was an attempt at. */
export interface EndedAttempt {
  readonly delivery: ClaimedDelivery;
  readonly attempt: WebhookAttempt;
}

/** What is written: of the delivery, and into the timeline of its message. */
interface AttemptRow {
  readonly tenant_id: string;
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly attempt: number;
  readonly status: DeliveryStatus;
  readonly wait_ms: number | null;
  readonly http_status: number | null;
  readonly error: string | null;
  readonly duration_ms: number;
  readonly answer: string | null;
  readonly message_id: string | null;
  readonly timeline_id: string;
  readonly shown: Readonly<Record<string, unknown>>;
}

type Unit = EndedAttempt & { readonly row: AttemptRow };

interface LineNote {
  readonly tenant_id: string;
  readonly endpoint_id: string;
  went_well: boolean;
  failed: number;
  pause_ms: number | null;
  next_ms: number | null;
}

const noteAttempts = sqlFile(import.meta.url, './sql/note-attempts.sql');
const noteLines = sqlFile(import.meta.url, './sql/note-lines.sql');
const disableEndpoint = sqlFile(import.meta.url, './sql/disable-endpoint.sql');

/** Writes what came of attempts, many in one commit. */
@Injectable()
export class AttemptRecorder {
  private readonly commit: GroupCommit<Unit, void>;

  constructor(
    private readonly database: Database,
    private readonly ids: Ids,
    private readonly log: Log,
  ) {
    this.commit = new GroupCommit((units) => this.flush(units), {
      maxRows: 500,
      maxWaitingRows: 5_000,
      rowsOf: () => 1,
    });
  }

  /** Where it fails the lease ends and the delivery is tried again: that it may arrive twice is in the promise. */
  async record(ended: EndedAttempt): Promise<void> {
    // Made once: a flush that runs again after a lost connection writes the same rows.
    await this.commit.submit({ ...ended, row: this.rowOf(ended) });
  }

  drained(): Promise<void> {
    return this.commit.drained();
  }

  private async flush(units: Unit[]): Promise<void[]> {
    const rows = units.map(({ row }) => row);
    const lost = await this.database.transaction('hot', { role: 'worker' }, async (tx) => {
      await tx.query(noteAttempts, [JSON.stringify(rows)]);
      const lines = await tx.query<LineNote & { is_lost: boolean | null }>(noteLines, [
        JSON.stringify([...notesOf(units).values()]),
      ]);
      return lines.filter(({ is_lost }) => is_lost === true);
    });
    for (const { tenant_id, endpoint_id } of lost) {
      await this.disable(tenant_id, endpoint_id, 'failing');
    }
    for (const { delivery, attempt } of units) {
      if (attempt.isGone) await this.disable(delivery.tenantId, delivery.endpointId, 'gone');
    }
    return units.map(() => undefined);
  }

  private rowOf({ delivery, attempt }: EndedAttempt): AttemptRow {
    const waitMs = attempt.delivered ? null : waitAfter(delivery.attempt, Math.random());
    const status = attempt.delivered ? 'delivered' : waitMs === null ? 'failed' : 'pending';
    return {
      tenant_id: delivery.tenantId,
      endpoint_id: delivery.endpointId,
      event_id: delivery.eventId,
      attempt: delivery.attempt,
      status,
      wait_ms: waitMs === null ? null : Math.max(waitMs, attempt.pauseMs ?? 0),
      http_status: attempt.httpStatus,
      error: attempt.error,
      duration_ms: attempt.durationMs,
      answer: attempt.answer,
      message_id: delivery.messageId,
      timeline_id: this.ids.next(),
      shown: {
        endpoint_id: showId('whe', delivery.endpointId),
        webhook_id: showId('evt', delivery.eventId),
        event: delivery.type,
        attempt: delivery.attempt,
        delivery: status,
        http_status: attempt.httpStatus,
        error: attempt.error,
        duration_ms: attempt.durationMs,
        answer: attempt.answer,
      },
    };
  }

  private async disable(
    tenantId: string,
    endpointId: string,
    reason: DisabledReason,
  ): Promise<void> {
    const parameters = [tenantId, endpointId, reason, this.ids.next(), showId('whe', endpointId)];
    const told = await this.database.transaction('hot', { role: 'worker' }, (tx) =>
      tx.query(disableEndpoint, parameters),
    );
    if (told.length === 0) return;
    this.log.warn(
      { endpoint: showId('whe', endpointId), reason },
      'a webhook endpoint is disabled',
    );
  }
}

/** By endpoint, in the order in which the attempts ended. */
function notesOf(units: readonly Unit[]): ReadonlyMap<string, LineNote> {
  const notes = new Map<string, LineNote>();
  for (const { delivery, attempt, row } of units) {
    const note = notes.get(delivery.endpointId) ?? {
      tenant_id: delivery.tenantId,
      endpoint_id: delivery.endpointId,
      went_well: false,
      failed: 0,
      pause_ms: null,
      next_ms: null,
    };
    notes.set(delivery.endpointId, note);
    note.went_well ||= attempt.delivered;
    note.failed = attempt.delivered ? 0 : note.failed + 1;
    note.pause_ms = largest(note.pause_ms, attempt.pauseMs);
    note.next_ms = smallest(note.next_ms, row.wait_ms);
  }
  return notes;
}

function largest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function smallest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
