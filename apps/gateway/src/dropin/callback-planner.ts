import { Injectable } from '@nestjs/common';
import { sqlFile, type Transaction } from '../platform/database/index.js';
import { OutboxRelay, type OutboxConsumer, type RelayedEvent } from '../timeline/index.js';
import { readReply, replyCallback, statusCallback, type ToldReply } from './callback-body.js';

interface SnapshotRow {
  readonly id: string;
  readonly snapshot: Readonly<Record<string, unknown>> | null;
}

interface ListenerRow {
  readonly tenant_id: string;
  readonly message_id: string;
  readonly number: number;
  readonly callback_url: string;
}

/** An event with the message whose client may want to hear of it. */
interface Told {
  readonly event: RelayedEvent;
  readonly messageId: string;
  /** null for a status. */
  readonly reply: ToldReply | null;
}

const readSnapshots = sqlFile(import.meta.url, './sql/read-snapshots.sql');
const findListeners = sqlFile(import.meta.url, './sql/find-listeners.sql');
const addCallbacks = sqlFile(import.meta.url, './sql/add-callbacks.sql');

/** Hears of events, and keeps what a client's `callback_url` has to be told: the same commit gives it both or neither. */
@Injectable()
export class CallbackPlanner implements OutboxConsumer {
  readonly name = 'dropin';

  constructor(relay: OutboxRelay) {
    relay.register(this);
  }

  async consume(tx: Transaction, events: readonly RelayedEvent[]): Promise<void> {
    const told = [...statusesOf(events), ...(await this.repliesOf(tx, events))];
    if (told.length === 0) return;
    const listeners = await this.listenersOf(tx, told);
    if (listeners.size === 0) return;
    const heard = told.filter((one) => listeners.has(keyOf(one)));
    const statuses = heard.filter(({ reply }) => reply === null);
    const snapshots = await this.snapshotsOf(
      tx,
      statuses.map(({ event }) => event),
    );
    const rows = heard.flatMap((one) => {
      const listener = listeners.get(keyOf(one))!;
      const body =
        one.reply === null
          ? statusCallback(listener.number, snapshots.get(one.event.id) ?? null)
          : replyCallback(listener.number, one.reply);
      return body === null ? [] : [callbackRow(one, listener, body)];
    });
    if (rows.length > 0) await tx.query(addCallbacks, [JSON.stringify(rows)]);
  }

  private async repliesOf(tx: Transaction, events: readonly RelayedEvent[]): Promise<Told[]> {
    const inbound = events.filter(({ type }) => type === 'inbound.received');
    const snapshots = await this.snapshotsOf(tx, inbound);
    return inbound.flatMap((event) => {
      const reply = readReply(snapshots.get(event.id) ?? null);
      return reply === null ? [] : [{ event, messageId: reply.messageId, reply }];
    });
  }

  private async listenersOf(
    tx: Transaction,
    told: readonly Told[],
  ): Promise<ReadonlyMap<string, ListenerRow>> {
    const rows = await tx.query<ListenerRow>(findListeners, [
      told.map(({ event }) => event.tenant_id),
      told.map(({ messageId }) => messageId),
    ]);
    return new Map(rows.map((row) => [`${row.tenant_id}/${row.message_id}`, row]));
  }

  private async snapshotsOf(
    tx: Transaction,
    events: readonly RelayedEvent[],
  ): Promise<ReadonlyMap<string, SnapshotRow['snapshot']>> {
    if (events.length === 0) return new Map();
    const asked = events.map(({ tenant_id, position, id }) => ({ tenant_id, position, id }));
    const rows = await tx.query<SnapshotRow>(readSnapshots, [JSON.stringify(asked)]);
    return new Map(rows.map(({ id, snapshot }) => [id, snapshot]));
  }
}

/** `message.queued` tells nothing: the client has its answer. */
function statusesOf(events: readonly RelayedEvent[]): Told[] {
  return events.flatMap((event) =>
    event.message_id !== null &&
    event.type.startsWith('message.') &&
    event.type !== 'message.queued'
      ? [{ event, messageId: event.message_id, reply: null }]
      : [],
  );
}

function keyOf({ event, messageId }: Told): string {
  return `${event.tenant_id}/${messageId}`;
}

function callbackRow({ event, messageId }: Told, { callback_url }: ListenerRow, body: string) {
  return {
    tenant_id: event.tenant_id,
    id: event.id,
    message_id: messageId,
    url: callback_url,
    origin: new URL(callback_url).origin,
    body,
  };
}
