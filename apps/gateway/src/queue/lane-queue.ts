import { Injectable } from '@nestjs/common';
import { Configuration } from '../platform/config/index.js';
import { sqlFile, type Transaction } from '../platform/database/index.js';
import type { AttemptOutcome, HeldLane, LaneKey, LaneLease, QueueFate, TakenLane } from './lane.js';

/** A message needs this much validity left to be worth a send, in seconds (DESIGN section 3). */
export const leastValiditySeconds = 30;

export interface PageRequest extends LaneKey {
  readonly class: number;
  /** Position after which to read. */
  readonly after: string;
  readonly limit: number;
}

export interface QueuedRow extends LaneKey {
  readonly messageId: string;
  readonly class: number;
  readonly pos: string;
}

export interface IntentRequest extends LaneLease {
  readonly intentId: string;
  readonly epoch: number;
  readonly messageIds: readonly string[];
}

/** A row that its intent lets out, with everything that the wire needs. */
export interface IntendedRow {
  readonly tenant_id: string;
  readonly account_id: string;
  readonly intent_id: string;
  readonly message_id: string;
  readonly class: number;
  readonly pos: string;
  readonly attempt: number;
  readonly maybe_sent: boolean;
  readonly expires_at: Date;
  readonly fate: 'send' | 'expired' | 'final';
  readonly accepted_at: Date;
  readonly sender: string;
  readonly recipient: string;
  readonly text: string | null;
  readonly image_url: string | null;
  readonly button_caption: string | null;
  readonly button_url: string | null;
  readonly file_url: string | null;
  readonly fallback_sms_text: string | null;
  readonly category: 'promotional' | 'transactional';
  readonly provider_message_type: number;
}

export interface Outcome {
  readonly tenantId: string;
  readonly messageId: string;
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
  readonly providerMessageId: string | null;
  /** Stable code of `status_detail`, where the outcome is no success. */
  readonly code: string | null;
  readonly eventId: string;
  readonly eventType: 'attempt' | 'owner_lost' | 'restored';
  readonly at: Date;
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface SettledRow {
  readonly tenant_id: string;
  readonly message_id: string;
  readonly attempt: number;
  readonly fate: QueueFate;
  readonly class: number;
  readonly pos: string;
}

export interface IntentKey {
  readonly tenantId: string;
  readonly id: string;
}

export interface OpenIntents {
  readonly intents: readonly IntentKey[];
  readonly unknown: readonly {
    readonly tenantId: string;
    readonly messageId: string;
    readonly attempt: number;
  }[];
}

export interface GraceReturn {
  readonly message_id: string;
  readonly attempt: number;
  readonly class: number;
  readonly pos: string;
  readonly again: boolean;
}

const pageLanes = sqlFile(import.meta.url, './sql/page-lanes.sql');
const lockLanes = sqlFile(import.meta.url, './sql/lock-lanes.sql');
const intend = sqlFile(import.meta.url, './sql/intend.sql');
const withdrawIntents = sqlFile(import.meta.url, './sql/withdraw-intents.sql');
const lockIntents = sqlFile(import.meta.url, './sql/lock-intents.sql');
const settle = sqlFile(import.meta.url, './sql/settle.sql');
const takeLanes = sqlFile(import.meta.url, './sql/take-lanes.sql');
const readOpenIntents = sqlFile(import.meta.url, './sql/read-open-intents.sql');
const releaseIdleLanes = sqlFile(import.meta.url, './sql/release-idle-lanes.sql');
const keepLanesWithWork = sqlFile(import.meta.url, './sql/keep-lanes-with-work.sql');
const returnFromGrace = sqlFile(import.meta.url, './sql/return-from-grace.sql');
const promoteScheduled = sqlFile(import.meta.url, './sql/promote-scheduled.sql');

/** The statements of the queue, without a loop and without a decision of pace. All run in the caller's transaction. */
@Injectable()
export class LaneQueue {
  private readonly graceSeconds: number;

  constructor(configuration: Configuration) {
    this.graceSeconds = configuration.provider.graceMs / 1_000;
  }

  async page(tx: Transaction, requests: readonly PageRequest[]): Promise<QueuedRow[]> {
    const rows = await tx.query<{
      tenant_id: string;
      account_id: string;
      message_id: string;
      class: number;
      pos: string;
    }>(pageLanes, [
      requests.map((request) => request.tenantId),
      requests.map((request) => request.accountId),
      requests.map((request) => request.class),
      requests.map((request) => request.after),
      requests.map((request) => request.limit),
    ]);
    return rows.map((row) => ({
      tenantId: row.tenant_id,
      accountId: row.account_id,
      messageId: row.message_id,
      class: row.class,
      pos: row.pos,
    }));
  }

  /**
   * Rules 5 and 6: the lanes that the worker still holds by their tokens, locked. A lease that is missing gives
   * no right, also where another lease of the same lane is held.
   */
  async hold<Lease extends LaneLease>(
    tx: Transaction,
    worker: string,
    leases: readonly Lease[],
  ): Promise<Map<Lease, HeldLane>> {
    const rows = await tx.query<{
      tenant_id: string;
      account_id: string;
      token: number;
      paused: boolean;
      connection_paused: boolean;
      on_hold: boolean;
      epoch: number;
    }>(lockLanes, [
      leases.map((lease) => lease.tenantId),
      leases.map((lease) => lease.accountId),
      leases.map((lease) => lease.token),
      worker,
    ]);
    const byAccount = new Map(rows.map((row) => [row.account_id, row]));
    const held = new Map<Lease, HeldLane>();
    for (const lease of leases) {
      const row = byAccount.get(lease.accountId);
      if (!row || row.token !== lease.token) continue;
      held.set(lease, {
        tenantId: row.tenant_id,
        accountId: row.account_id,
        paused: row.paused,
        connectionPaused: row.connection_paused,
        onHold: row.on_hold,
        epoch: row.epoch,
      });
    }
    return held;
  }

  /** Commits the intent to send; only rows with fate `send` may go out. */
  async intend(
    tx: Transaction,
    worker: string,
    requests: readonly IntentRequest[],
  ): Promise<IntendedRow[]> {
    const rows = requests.flatMap((request) =>
      request.messageIds.map((messageId, ord) => ({
        tenant_id: request.tenantId,
        account_id: request.accountId,
        token: request.token,
        epoch: request.epoch,
        intent_id: request.intentId,
        message_id: messageId,
        ord,
      })),
    );
    return tx.query<IntendedRow>(intend, [JSON.stringify(rows), worker, leastValiditySeconds]);
  }

  /** Takes back intents of which nothing was sent; a statement after the one that locked their queue rows. */
  async withdraw(tx: Transaction, intents: readonly IntentKey[]): Promise<void> {
    await tx.query(withdrawIntents, intentColumns(intents));
  }

  /** Behind the queue rows, before a settle: one settle of an intent after another. */
  async lockIntents(tx: Transaction, intents: readonly IntentKey[]): Promise<void> {
    await tx.query(lockIntents, intentColumns(intents));
  }

  /**
   * Writes outcomes for rows that the caller holds, together with their intents; rows whose attempt moved on are missing
   * in the answer. Those of the intents of which nothing is open any more go.
   */
  async settle(
    tx: Transaction,
    outcomes: readonly Outcome[],
    intents: readonly IntentKey[],
  ): Promise<SettledRow[]> {
    const rows = outcomes.map((outcome) => ({
      tenant_id: outcome.tenantId,
      message_id: outcome.messageId,
      attempt: outcome.attempt,
      outcome: outcome.outcome,
      provider_message_id: outcome.providerMessageId,
      code: outcome.code,
      event_id: outcome.eventId,
      event_type: outcome.eventType,
      at: outcome.at,
      detail: outcome.detail,
    }));
    return tx.query<SettledRow>(settle, [
      JSON.stringify(rows),
      JSON.stringify(intents.map(({ tenantId, id }) => ({ tenant_id: tenantId, id }))),
      this.graceSeconds,
      leastValiditySeconds,
    ]);
  }

  async take(
    tx: Transaction,
    worker: string,
    most: number,
    kind: 'free' | 'handed_over' | 'lost',
  ): Promise<TakenLane[]> {
    const rows = await tx.query<{
      tenant_id: string;
      account_id: string;
      connection_id: string;
      token: number;
      weight: number;
      handed_over: boolean;
    }>(takeLanes, [worker, most, kind]);
    return rows.map((row) => ({
      tenantId: row.tenant_id,
      accountId: row.account_id,
      connectionId: row.connection_id,
      token: row.token,
      weight: row.weight,
      isHandedOver: row.handed_over,
    }));
  }

  /** What former owners of the lanes left open: a statement after the one that raised the tokens. */
  async readOpenIntents(tx: Transaction, lanes: readonly LaneKey[]): Promise<OpenIntents> {
    const rows = await tx.query<{
      tenant_id: string;
      intent_id: string;
      message_id: string | null;
      attempt: number | null;
    }>(readOpenIntents, [lanes.map((lane) => lane.accountId)]);
    const intents = new Map<string, IntentKey>();
    const unknown: { tenantId: string; messageId: string; attempt: number }[] = [];
    for (const row of rows) {
      intents.set(row.intent_id, { tenantId: row.tenant_id, id: row.intent_id });
      if (row.message_id === null || row.attempt === null) continue;
      unknown.push({ tenantId: row.tenant_id, messageId: row.message_id, attempt: row.attempt });
    }
    return { intents: [...intents.values()], unknown };
  }

  /** Rule 18: clears the marks under FOR UPDATE, then looks again. Returns the lanes that were let go. */
  async release(tx: Transaction, worker: string, leases: readonly LaneLease[]): Promise<LaneKey[]> {
    const released = await tx.query<{ tenant_id: string; account_id: string }>(releaseIdleLanes, [
      leases.map((lease) => lease.tenantId),
      leases.map((lease) => lease.accountId),
      leases.map((lease) => lease.token),
      worker,
    ]);
    const lanes = released.map((row) => ({ tenantId: row.tenant_id, accountId: row.account_id }));
    if (lanes.length > 0) await tx.query(keepLanesWithWork, laneColumns(lanes));
    return lanes;
  }

  async returnFromGrace(tx: Transaction, lane: LaneKey, most: number): Promise<GraceReturn[]> {
    return tx.query<GraceReturn>(returnFromGrace, [lane.accountId, most, leastValiditySeconds]);
  }

  /** Moves due scheduled messages to the queue; the caller wakes their lanes and writes their events. */
  async promoteScheduled(
    tx: Transaction,
    most: number,
  ): Promise<{ tenant_id: string; message_id: string; account_id: string; late: boolean }[]> {
    return tx.query(promoteScheduled, [most]);
  }
}

function intentColumns(intents: readonly IntentKey[]): [string[], string[]] {
  return [intents.map((intent) => intent.tenantId), intents.map((intent) => intent.id)];
}

function laneColumns(lanes: readonly LaneKey[]): [string[], string[]] {
  return [lanes.map((lane) => lane.tenantId), lanes.map((lane) => lane.accountId)];
}
