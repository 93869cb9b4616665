import { Injectable } from '@nestjs/common';
import { IsNull, type EntityManager } from 'typeorm';
import { Account } from '../accounts/index.js';
import { ControlPlane, Database, sqlFile, type Transaction } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import {
  AccountUnknown,
  AuditTrail,
  pageOf,
  type Actor,
  type Page,
  type PageRequest,
} from '../tenants/index.js';
import { InboundKeeper } from './inbound-keeper.js';
import { ReplyOfAnotherTenant } from './receipts.errors.js';

/** A reply that waits for an operator. */
export interface UnroutedReply {
  readonly id: string;
  readonly connection_id: string;
  /** The owner of the connection; null where it has none. */
  readonly tenant_id: string | null;
  readonly phone_number: string;
  /** null also where the reply is a tenant's already, who alone may read it. */
  readonly text: string | null;
  readonly tracking_data: string | null;
  readonly sent_at: Date | null;
  readonly received_at: Date;
}

interface TakenRow extends UnroutedReply {
  readonly message_token: string;
  readonly raw: unknown;
}

/** For whom an operator says that a reply is. */
export interface Assignment {
  readonly tenantId: string;
  readonly accountId: string;
  readonly actor: Actor;
}

const listUnrouted = sqlFile(import.meta.url, './sql/list-unrouted.sql');
const takeUnrouted = sqlFile(import.meta.url, './sql/take-unrouted.sql');
const lockUnrouted = sqlFile(import.meta.url, './sql/lock-unrouted.sql');
const assignInbound = sqlFile(import.meta.url, './sql/assign-inbound.sql');

/** Replies that nothing could be found for: operators say whose they are. */
@Injectable()
export class UnroutedReplies {
  constructor(
    private readonly database: Database,
    private readonly controlPlane: ControlPlane,
    private readonly keeper: InboundKeeper,
    private readonly audit: AuditTrail,
  ) {}

  /** Newest first. */
  async list({ after, limit }: PageRequest): Promise<Page<UnroutedReply>> {
    const rows = await this.database.transaction('reads', { role: 'operator' }, (tx) =>
      tx.query<UnroutedReply>(listUnrouted, [after, limit + 1]),
    );
    return pageOf(rows, limit);
  }

  /**
   * Gives the reply to an account of a tenant; the tenant hears of it if it did not know of it yet.
   * @throws NotFound, AccountUnknown, ReplyOfAnotherTenant
   */
  async assign(id: string, assignment: Assignment): Promise<void> {
    const { tenantId, accountId, actor } = assignment;
    await this.controlPlane.run({ role: 'operator' }, async (manager) => {
      const where = { tenantId, id: accountId, deletedAt: IsNull() };
      const account = await manager.findOneBy(Account, where);
      if (account === null) throw new AccountUnknown('/account_id');
      await this.assignIn(statementsOf(manager), id, account);
      await this.audit.record(manager, {
        tenantId,
        actor,
        action: 'inbound_message.assigned',
        object: { kind: 'inbound_message', id },
        after: { account_id: accountId },
      });
    });
  }

  private async assignIn(tx: Transaction, id: string, account: Account): Promise<void> {
    const { tenantId, id: accountId } = account;
    const known = { accountId, messageId: null, sender: soleSender(account) };
    const [taken] = await tx.query<TakenRow>(takeUnrouted, [id]);
    if (taken !== undefined) {
      const reply = {
        id,
        messageToken: taken.message_token,
        phoneNumber: taken.phone_number,
        text: taken.text,
        trackingData: taken.tracking_data,
        sentAt: taken.sent_at,
        raw: taken.raw,
      };
      const { connection_id: connectionId, received_at: receivedAt } = taken;
      const route = { ...known, connectionId, receivedAt, tenantId, routedBy: 'operator' as const };
      await this.keeper.keep(tx, reply, route);
      return;
    }
    const [owned] = await tx.query<TakenRow>(lockUnrouted, [id]);
    if (owned === undefined) throw new NotFound();
    if (owned.tenant_id !== tenantId) throw new ReplyOfAnotherTenant();
    const conversationId = await this.keeper.conversationOf(
      tx,
      { id, phoneNumber: owned.phone_number },
      { ...known, tenantId, receivedAt: owned.received_at },
    );
    await tx.query(assignInbound, [tenantId, id, accountId, known.sender, conversationId]);
  }
}

/** Under whose name the tenant writes over the account, where that is certain. */
function soleSender({ defaultSender, senders }: Account): string | null {
  return defaultSender ?? (senders.length === 1 ? (senders[0] ?? null) : null);
}

function statementsOf(manager: EntityManager): Transaction {
  return {
    query: (statement, parameters = []) =>
      manager.query(typeof statement === 'string' ? statement : statement.text, [...parameters]),
  };
}
