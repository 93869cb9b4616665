import { Injectable } from '@nestjs/common';
import { EventReader } from '../messages/index.js';
import { Database, sqlFile, type Transaction } from '../platform/database/index.js';
import { EndpointTargets, type EndpointTarget } from './endpoint-targets.js';
import { lineColumns, type LineKey } from './line-key.js';

/** An endpoint that may have something to deliver. */
export interface Line extends LineKey {
  /** In a row. */
  readonly failures: number;
}

/** A delivery that is this process's until its lease ends. */
export interface ClaimedDelivery {
  readonly tenantId: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly messageId: string | null;
  readonly type: string;
  /** From 1. */
  readonly attempt: number;
  readonly failures: number;
  /** null where the event is kept no more, or the endpoint was deleted. */
  readonly call: (EndpointTarget & { readonly body: string }) | null;
}

interface ClaimedRow {
  readonly tenant_id: string;
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly position: number;
  readonly message_id: string | null;
  readonly type: string;
  readonly attempts: number;
}

const findLines = sqlFile(import.meta.url, './sql/find-lines.sql');
const claimDeliveries = sqlFile(import.meta.url, './sql/claim-deliveries.sql');
const lockLines = sqlFile(import.meta.url, './sql/lock-lines.sql');
const restLines = sqlFile(import.meta.url, './sql/rest-lines.sql');

const mostLines = 2_000;

/** Finds what is due and takes it, with what has to be sent: after its commit no other process does. */
@Injectable()
export class DeliveryClaimer {
  constructor(
    private readonly database: Database,
    private readonly events: EventReader,
    private readonly targets: EndpointTargets,
  ) {}

  /**
   * @param roomOf how many deliveries of a line may begin now
   * @param leaseMs longer than an attempt can take
   */
  async claim(roomOf: (line: Line) => number, leaseMs: number): Promise<ClaimedDelivery[]> {
    return this.database.transaction('hot', { role: 'worker' }, async (tx) => {
      const found = await tx.query<Line>(findLines, [mostLines]);
      const lines = found
        .map((line) => ({ ...line, most: roomOf(line) }))
        .filter(({ most }) => most > 0);
      if (lines.length === 0) return [];
      const rows = await tx.query<ClaimedRow>(claimDeliveries, [JSON.stringify(lines), leaseMs]);
      const claimed = await this.withCalls(tx, lines, rows);
      await rest(tx, lines);
      return claimed;
    });
  }

  private async withCalls(
    tx: Transaction,
    lines: readonly Line[],
    rows: readonly ClaimedRow[],
  ): Promise<ClaimedDelivery[]> {
    if (rows.length === 0) return [];
    const targets = await this.targets.read(
      tx,
      lines.map(({ tenant_id, endpoint_id }) => ({
        tenantId: tenant_id,
        endpointId: endpoint_id,
      })),
    );
    const targetOf = new Map(targets.map((target) => [target.endpointId, target]));
    const failuresOf = new Map(lines.map((line) => [line.endpoint_id, line.failures]));
    const keys = new Map(
      rows.map(({ tenant_id, position }) => [
        `${tenant_id}/${position}`,
        { tenantId: tenant_id, position },
      ]),
    );
    const events = await this.events.read(tx, [...keys.values()]);
    // As text once, however many endpoints want it.
    const bodyOf = new Map(events.map(({ id, payload }) => [id, JSON.stringify(payload)]));
    return rows.map((row) => {
      const [target, body] = [targetOf.get(row.endpoint_id), bodyOf.get(row.event_id)];
      return {
        tenantId: row.tenant_id,
        endpointId: row.endpoint_id,
        eventId: row.event_id,
        messageId: row.message_id,
        type: row.type,
        attempt: row.attempts,
        failures: failuresOf.get(row.endpoint_id) ?? 0,
        call: target === undefined || body === undefined ? null : { ...target, body },
      };
    });
  }
}

async function rest(tx: Transaction, lines: readonly LineKey[]): Promise<void> {
  const locked = await tx.query<LineKey>(lockLines, lineColumns(lines));
  if (locked.length > 0) await tx.query(restLines, lineColumns(locked));
}
