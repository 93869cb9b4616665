import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Database, sqlFile, type Transaction } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { Ids, showId } from '../platform/ids/index.js';
import { QueueRows } from '../queue/index.js';
import { EvidenceMerger } from './evidence-merger.js';
import { MessageReader } from './message-reader.js';
import type { Message } from './message.js';
import type { Viewer } from './page-frontier.js';
import { waitedDetail, WaitingReader, type Waiting } from './waiting-reader.js';
import { AlreadySending, MessageNotCancellable } from './cancel.errors.js';

const deleteScheduled =
  'delete from scheduled where tenant_id = $1 and message_id = $2 returning message_id';
const endGrace = sqlFile(import.meta.url, './sql/end-grace.sql');
const readEnding = sqlFile(import.meta.url, './sql/read-ending.sql');

/** Stops messages that have not gone out (DISPATCH 9): the queue row is locked first, then the open intents are read. */
@Injectable()
export class MessageCanceller {
  constructor(
    private readonly database: Database,
    private readonly queueRows: QueueRows,
    private readonly merger: EvidenceMerger,
    private readonly reader: MessageReader,
    private readonly waiting: WaitingReader,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /**
   * Cancels a message; again is no error. One in its grace gets no further attempt and stays `uncertain`.
   * @param apiKeyId who cancelled, for the timeline
   * @throws NotFound, AlreadySending, MessageNotCancellable
   */
  async cancel(viewer: Viewer, messageId: string, apiKeyId: string | null): Promise<Message> {
    const { tenantId } = viewer;
    return this.database.transaction('hot', { role: 'tenant', tenantId }, async (tx) => {
      await this.reader.getIn(tx, viewer, messageId);
      await this.stop(tx, tenantId, messageId, apiKeyId);
      return this.reader.getIn(tx, viewer, messageId);
    });
  }

  private async stop(
    tx: Transaction,
    tenantId: string,
    messageId: string,
    apiKeyId: string | null,
  ): Promise<void> {
    if (await this.cancelScheduled(tx, tenantId, messageId, apiKeyId)) return;
    if (await this.cancelQueued(tx, tenantId, messageId, apiKeyId)) return;
    if (await this.cancelRetry(tx, tenantId, messageId, apiKeyId)) return;
    // Its grace may have ended between the two looks: then it is back in the queue.
    if (await this.cancelQueued(tx, tenantId, messageId, apiKeyId)) return;
    const [ending] = await tx.query<{ status: string | null; waiting_as: string | null }>(
      readEnding,
      [tenantId, messageId],
    );
    if (!ending) throw new NotFound();
    if (ending.status === 'cancelled') return;
    throw new MessageNotCancellable(ending.status ?? ending.waiting_as ?? 'sent');
  }

  private async cancelScheduled(
    tx: Transaction,
    tenantId: string,
    messageId: string,
    apiKeyId: string | null,
  ): Promise<boolean> {
    const deleted = await tx.query(deleteScheduled, [tenantId, messageId]);
    if (deleted.length === 0) return false;
    await this.end(tx, tenantId, messageId, { attempt: 0, apiKeyId, maybeSent: false });
    return true;
  }

  private async cancelQueued(
    tx: Transaction,
    tenantId: string,
    messageId: string,
    apiKeyId: string | null,
  ): Promise<boolean> {
    const [row] = await this.queueRows.lock(tx, [{ tenantId, messageId }]);
    if (!row) return false;
    const onWire = await this.queueRows.findOnWire(tx, [row]);
    if (onWire.has(messageId)) throw new AlreadySending();
    const waiting = await this.waiting.read(tx, [row]);
    await this.end(tx, tenantId, messageId, {
      attempt: row.lastAttempt,
      apiKeyId,
      maybeSent: row.maybeSent,
      waiting: waiting.get(messageId),
    });
    return true;
  }

  private async cancelRetry(
    tx: Transaction,
    tenantId: string,
    messageId: string,
    apiKeyId: string | null,
  ): Promise<boolean> {
    const ended = await tx.query(endGrace, [
      tenantId,
      messageId,
      this.ids.next(),
      shownKey(apiKeyId),
    ]);
    return ended.length > 0;
  }

  private async end(
    tx: Transaction,
    tenantId: string,
    messageId: string,
    facts: {
      attempt: number;
      apiKeyId: string | null;
      maybeSent: boolean;
      waiting?: Waiting | undefined;
    },
  ): Promise<void> {
    await this.merger.merge(tx, [
      {
        tenantId,
        messageId,
        attempt: facts.attempt,
        source: 'gateway',
        // An earlier attempt may have been sent: nobody can call it back, and nobody may say so.
        status: facts.maybeSent ? 'uncertain' : 'cancelled',
        isFinal: !facts.maybeSent,
        at: this.clock.now(),
        eventType: 'cancelled',
        code: facts.maybeSent ? 'cancelled_after_unknown_attempt' : 'cancelled_by_tenant',
        detail: { by: shownKey(facts.apiKeyId), ...waitedDetail(facts.waiting) },
      },
    ]);
  }
}

function shownKey(apiKeyId: string | null): string | null {
  return apiKeyId === null ? null : showId('key', apiKeyId);
}
