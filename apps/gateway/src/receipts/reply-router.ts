import { Injectable } from '@nestjs/common';
import type { InboundCallback } from '#viber';
import { readRecipient } from '../messages/index.js';
import { Database, sqlFile, type Transaction } from '../platform/database/index.js';
import { Ids, readId } from '../platform/ids/index.js';
import type { RoutedBy } from './dto/inbound-message.dto.js';
import { InboundKeeper, type Reply } from './inbound-keeper.js';

/** What the URL tells that a reply came to: a connection, or a message. */
export type ReplyOrigin =
  | { readonly connectionId: string }
  | { readonly tenantId: string; readonly accountId: string; readonly messageId: string };

interface RouteRow {
  readonly is_new: boolean;
  readonly connection_id: string;
  readonly received_at: Date;
  readonly tenant_id: string | null;
  readonly account_id: string | null;
  readonly message_id: string | null;
  readonly sender: string | null;
  readonly routed_by: RoutedBy | null;
}

const routeReply = sqlFile(import.meta.url, './sql/route-reply.sql');
const keepUnrouted = sqlFile(import.meta.url, './sql/keep-unrouted.sql');

/** Takes replies in: finds out whose each one is, and keeps it for its tenant, or for the operator (ADR 0041). */
@Injectable()
export class ReplyRouter {
  constructor(
    private readonly database: Database,
    private readonly keeper: InboundKeeper,
    private readonly ids: Ids,
  ) {}

  /**
   * Stores the reply once, however often it comes.
   * @param raw the body as it came
   */
  take(callback: InboundCallback, origin: ReplyOrigin, raw: string): Promise<void> {
    const reply: Reply = {
      id: this.ids.next(),
      messageToken: callback.messageToken,
      phoneNumber: readRecipient(callback.phoneNumber) ?? callback.phoneNumber,
      text: callback.text,
      trackingData: callback.trackingData,
      sentAt: callback.sentAt,
      raw: { body: raw },
    };
    return this.database.transaction('callbacks', { role: 'ingest' }, (tx) =>
      this.route(tx, reply, origin),
    );
  }

  private async route(tx: Transaction, reply: Reply, origin: ReplyOrigin): Promise<void> {
    const tracked = trackedIn(reply.trackingData);
    const ofMessage = 'messageId' in origin ? origin : null;
    const [row] = await tx.query<RouteRow>(routeReply, [
      'connectionId' in origin ? origin.connectionId : null,
      ofMessage?.tenantId ?? null,
      ofMessage?.accountId ?? null,
      ofMessage?.messageId ?? null,
      reply.messageToken,
      reply.id,
      reply.phoneNumber,
      tracked.messageId,
      tracked.providerMessageId,
    ]);
    if (row === undefined || !row.is_new) return;
    const { tenant_id: tenantId } = row;
    if (tenantId === null) {
      await tx.query(keepUnrouted, [
        reply.id,
        row.connection_id,
        reply.messageToken,
        reply.phoneNumber,
        reply.text,
        reply.trackingData,
        reply.sentAt,
        row.received_at,
        reply.raw,
      ]);
      return;
    }
    await this.keeper.keep(tx, reply, {
      connectionId: row.connection_id,
      receivedAt: row.received_at,
      tenantId,
      accountId: row.account_id,
      messageId: row.message_id,
      sender: row.sender,
      routedBy: row.routed_by,
    });
  }
}

/** Our own id where we gave one (`tracking_id:msg_…`), else the provider's. */
export function trackedIn(trackingData: string | null): {
  readonly messageId: string | null;
  readonly providerMessageId: string | null;
} {
  const id = /^(?:tracking_id:)?\s*(\S+)$/.exec(trackingData ?? '')?.[1] ?? null;
  const messageId = id === null ? null : readId('msg', id);
  return { messageId, providerMessageId: messageId === null ? id : null };
}
