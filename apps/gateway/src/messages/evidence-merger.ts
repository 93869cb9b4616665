import { Injectable } from '@nestjs/common';
import { planByKeysAlone, sqlFile, type Transaction } from '../platform/database/index.js';
import { Ids } from '../platform/ids/index.js';
import { ProcessIdentity } from '../platform/process/index.js';
import { QueueRows } from '../queue/index.js';
import { smsCodes } from './provider-status.js';
import { rankOf, reduceEvidence, type Evidence } from './evidence.js';

/** What became of a piece of evidence: applied, or why not. */
export type Verdict =
  | 'applied'
  | 'outranked'
  | 'message_unknown'
  | 'already_final'
  | 'later_attempt'
  | 'on_the_wire'
  | 'not_higher';

export interface Merged {
  readonly evidence: Evidence;
  readonly verdict: Verdict;
}

/** `unlooked`: the caller holds the queue rows already, or has just deleted them in this transaction. */
type QueueState = 'waiting' | 'on_wire' | null;

interface MergedRow {
  readonly event_id: string;
  readonly verdict: Verdict;
}

const findFallbacks = sqlFile(import.meta.url, './sql/find-fallbacks.sql');
const lockMessages = sqlFile(import.meta.url, './sql/lock-messages.sql');
const mergeEvidence = sqlFile(import.meta.url, './sql/merge-evidence.sql');

/** The one writer of a message's final status: settles, polls, callbacks and former owners all end here. */
@Injectable()
export class EvidenceMerger {
  constructor(
    private readonly queueRows: QueueRows,
    private readonly ids: Ids,
    private readonly process: ProcessIdentity,
  ) {}

  /** Merges in the caller's transaction, which locks no message and no awaiting row before. */
  async merge(tx: Transaction, pieces: readonly Evidence[]): Promise<Merged[]> {
    if (pieces.length === 0) return [];
    const [, judged] = await Promise.all([tx.query(planByKeysAlone), this.waitForSms(tx, pieces)]);
    const reduced = reduceEvidence(judged);
    const states = await this.lock(
      tx,
      reduced.map(({ highest }) => highest),
    );
    const written = new Map<string, Evidence>();
    const row = (evidence: Evidence, outranked: boolean): object => {
      const eventId = this.ids.next();
      written.set(eventId, evidence);
      const queueState = states.get(keyOf(evidence)) ?? null;
      return evidenceRow(evidence, { eventId, place: written.size, outranked, queueState });
    };
    const rows = reduced.flatMap(({ highest, outranked }) => [
      ...outranked.map((piece) => row(piece, true)),
      row(highest, false),
    ]);
    const merged = await tx.query<MergedRow>(mergeEvidence, [
      JSON.stringify(rows),
      this.process.endCounters.of(pieces.map((piece) => piece.tenantId)),
    ]);
    return merged.map(({ event_id, verdict }) => ({
      evidence: written.get(event_id) as Evidence,
      verdict,
    }));
  }

  /**
   * Where Viber alone has failed and the message has a text for an SMS, its end is not known yet. Whether it has one is
   * asked for failures only: most evidence is none.
   */
  private async waitForSms(tx: Transaction, pieces: readonly Evidence[]): Promise<Evidence[]> {
    const failed = pieces.filter(isFailureOfViber);
    if (failed.length === 0) return [...pieces];
    const rows = await tx.query<{ tenant_id: string; id: string }>(findFallbacks, [
      failed.map((piece) => piece.tenantId),
      failed.map((piece) => piece.messageId),
    ]);
    const withSms = new Set(rows.map((row) => `${row.tenant_id}/${row.id}`));
    return pieces.map((piece) =>
      isFailureOfViber(piece) && withSms.has(keyOf(piece))
        ? { ...piece, status: 'pending', isFinal: false, code: smsCodes.under_way }
        : piece,
    );
  }

  /** The queue rows first, then the messages: so whatever is merged next sees what was merged before it. */
  private async lock(
    tx: Transaction,
    pieces: readonly Evidence[],
  ): Promise<Map<string, QueueState>> {
    const [states] = await Promise.all([
      this.queueStates(tx, pieces),
      tx.query(lockMessages, [
        pieces.map((piece) => piece.tenantId),
        pieces.map((piece) => piece.messageId),
      ]),
    ]);
    return states;
  }

  private async queueStates(
    tx: Transaction,
    pieces: readonly Evidence[],
  ): Promise<Map<string, QueueState>> {
    const locked = await this.queueRows.lock(tx, pieces);
    if (locked.length === 0) return new Map();
    const onWire = await this.queueRows.findOnWire(tx, locked);
    return new Map(
      locked.map((row) => [keyOf(row), onWire.has(row.messageId) ? 'on_wire' : 'waiting']),
    );
  }
}

/** A final status of the provider's that is not the end of an SMS. */
function isFailureOfViber({ source, isFinal, status, code }: Evidence): boolean {
  return (
    (source === 'callback' || source === 'poll') &&
    isFinal &&
    status !== 'delivered' &&
    code !== smsCodes.expired &&
    code !== smsCodes.undeliverable
  );
}

function keyOf(row: { readonly tenantId: string; readonly messageId: string }): string {
  return `${row.tenantId}/${row.messageId}`;
}

interface RowOptions {
  readonly eventId: string;
  /** Among the rows of one merge, from 1. */
  readonly place: number;
  readonly outranked: boolean;
  readonly queueState: QueueState;
}

function evidenceRow(
  evidence: Evidence,
  { eventId, place, outranked, queueState }: RowOptions,
): object {
  return {
    tenant_id: evidence.tenantId,
    message_id: evidence.messageId,
    event_id: eventId,
    place,
    at: evidence.at,
    source: evidence.source,
    event_type: evidence.eventType,
    attempt: evidence.attempt,
    status: evidence.status,
    rank: rankOf(evidence),
    outranked,
    queue_state: queueState,
    provider_status: evidence.providerStatus ?? null,
    provider_message_id: evidence.providerMessageId ?? null,
    code: evidence.code ?? null,
    message: evidence.message ?? null,
    detail:
      evidence.smsStatus == null
        ? (evidence.detail ?? null)
        : { ...evidence.detail, sms_status: String(evidence.smsStatus) },
  };
}
