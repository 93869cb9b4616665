import { Injectable } from '@nestjs/common';
import { sqlFile, type Transaction } from '../platform/database/index.js';
import { Ids } from '../platform/ids/index.js';
import { OptOuts } from '../suppressions/index.js';
import type { RoutedBy } from './dto/inbound-message.dto.js';
import { showInbound } from './inbound-message.js';

/** What a recipient wrote, as the provider told it. */
export interface Reply {
  readonly id: string;
  readonly messageToken: string;
  /** In the form in which recipients are stored, so that both can be looked up alike. */
  readonly phoneNumber: string;
  readonly text: string | null;
  readonly trackingData: string | null;
  /** When it was written, as the provider says. */
  readonly sentAt: Date | null;
  /** As it came. */
  readonly raw: unknown;
}

/** Whose reply it is. */
export interface ReplyRoute {
  readonly connectionId: string;
  readonly receivedAt: Date;
  readonly tenantId: string;
  readonly accountId: string | null;
  /** The message that it answers. */
  readonly messageId: string | null;
  /** Who wrote that message. */
  readonly sender: string | null;
  /** null where only the connection's owner is known. */
  readonly routedBy: RoutedBy | null;
}

const openConversation = sqlFile(import.meta.url, './sql/open-conversation.sql');
const keepInbound = sqlFile(import.meta.url, './sql/keep-inbound.sql');

/** Stores replies for their tenants, with whatever follows from them, in the caller's transaction. */
@Injectable()
export class InboundKeeper {
  constructor(
    private readonly ids: Ids,
    private readonly optOuts: OptOuts,
  ) {}

  async keep(tx: Transaction, reply: Reply, route: ReplyRoute): Promise<void> {
    const message = {
      id: reply.id,
      account_id: route.accountId,
      phone_number: reply.phoneNumber,
      sender: route.sender,
      conversation_id: await this.conversationOf(tx, reply, route),
      text: reply.text,
      sent_at: reply.sentAt,
      received_at: route.receivedAt,
      in_reply_to: route.messageId,
      routed_by: route.routedBy,
      message_token: reply.messageToken,
    };
    await tx.query(keepInbound, [
      JSON.stringify({
        ...message,
        tenant_id: route.tenantId,
        connection_id: route.connectionId,
        tracking_data: reply.trackingData,
        raw: reply.raw,
      }),
      this.ids.next(),
      JSON.stringify(showInbound(message)),
    ]);
    await this.optOuts.hear(tx, {
      tenantId: route.tenantId,
      recipient: reply.phoneNumber,
      text: reply.text,
      inboundMessageId: reply.id,
    });
  }

  /** null where it is not known what is answered. */
  async conversationOf(
    tx: Transaction,
    reply: Pick<Reply, 'id' | 'phoneNumber'>,
    {
      tenantId,
      accountId,
      sender,
      receivedAt,
    }: Pick<ReplyRoute, 'tenantId' | 'accountId' | 'sender' | 'receivedAt'>,
  ): Promise<string | null> {
    if (accountId === null || sender === null) return null;
    const [conversation] = await tx.query<{ id: string }>(openConversation, [
      tenantId,
      this.ids.next(),
      reply.phoneNumber,
      sender,
      accountId,
      reply.id,
      receivedAt,
    ]);
    return conversation?.id ?? null;
  }
}
