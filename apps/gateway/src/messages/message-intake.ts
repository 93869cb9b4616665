import { Injectable } from '@nestjs/common';
import type { Deadline } from '../platform/deadline/index.js';
import { AppError, InvalidRequest } from '../platform/errors/index.js';
import { Ids } from '../platform/ids/index.js';
import type { Caller } from '../tenants/index.js';
import { IdempotencyKeyReused } from './acceptance.errors.js';
import { Admission } from './admission.js';
import { ClaimReader } from './claim-reader.js';
import { DraftingContexts, lacksAccount } from './drafting-contexts.js';
import type { CreateMessageDto } from './dto/create-message.dto.js';
import { claimOfRequest } from './idempotency-key.js';
import { MessageAcceptor, type Companion } from './message-acceptor.js';
import { draftMessage } from './message-drafter.js';
import { MessageReader } from './message-reader.js';
import { messageShape } from './message-shapes.js';
import { IdempotencyKeyForgotten } from './messages.errors.js';
import type { IdempotencyClaim, NewMessage } from './new-message.js';

/** A request to send, as it came in. */
export interface Submission {
  readonly caller: Caller;
  /** Parsed JSON. */
  readonly body: unknown;
  readonly idempotencyKey: string | null;
  /** What the key stands for, where that is more than the body. @default the body */
  readonly claimed?: unknown;
  readonly requestId: string | null;
  readonly deadline: Deadline;
  /** What the door that it came by keeps of it. */
  readonly companion?: Companion;
}

export interface Intake {
  /** The message as it was accepted: now, or the first time. */
  readonly accepted: NewMessage;
  readonly isReplay: boolean;
}

/** Takes one message in: checks, drafts, has it stored, and tells a repeated request what the first one was told. */
@Injectable()
export class MessageIntake {
  constructor(
    private readonly admission: Admission,
    private readonly contexts: DraftingContexts,
    private readonly acceptor: MessageAcceptor,
    private readonly claims: ClaimReader,
    private readonly reader: MessageReader,
    private readonly ids: Ids,
  ) {}

  /** @throws InvalidRequest, IdempotencyKeyForgotten, and the errors of Admission, draftMessage and MessageAcceptor */
  take(submission: Submission): Promise<Intake> {
    const { tenantId } = submission.caller;
    return this.admission.through(tenantId, 1, () => this.takeAdmitted(submission));
  }

  private async takeAdmitted(submission: Submission): Promise<Intake> {
    const { body, idempotencyKey, deadline, companion } = submission;
    const { tenantId, accountIds } = submission.caller;
    const errors = messageShape.errorsIn(body);
    if (errors.length > 0) throw new InvalidRequest(errors);
    const claim = claimOfRequest(idempotencyKey, submission.claimed ?? body);

    let message: NewMessage;
    try {
      message = await this.draft(submission);
    } catch (error) {
      return deadline.around(() => this.replayOf(submission.caller, claim, error));
    }
    const items = [{ message, claim: null, index: null }];
    const unit = { tenantId, accountIds, claim, items, results: null, companion };
    const acceptance = await this.acceptor.accept(unit, deadline);
    if (acceptance.kind === 'accepted') {
      for (const verdict of acceptance.items) if (verdict.kind === 'refused') throw verdict.error;
      return { accepted: message, isReplay: false };
    }
    return deadline.around(() => this.replay(tenantId, acceptance.messageId));
  }

  private async draft(submission: Submission): Promise<NewMessage> {
    const asked = submission.body as CreateMessageDto;
    const id = this.ids.next();
    try {
      return draftMessage(asked, id, await this.contexts.of(submission));
    } catch (error) {
      if (!lacksAccount(error)) throw error;
    }
    return draftMessage(asked, id, await this.contexts.fresh(submission));
  }

  // What can no longer be drafted (its time is over, its account gone) may have been accepted when it first came.
  private async replayOf(
    { tenantId, accountIds }: Caller,
    claim: IdempotencyClaim | null,
    error: unknown,
  ): Promise<Intake> {
    if (claim === null || !(error instanceof AppError)) throw error;
    const standing = await this.claims.read(tenantId, [claim]);
    const messageId = standing.messageOf({ tenantId, accountIds, claim });
    if (messageId instanceof IdempotencyKeyReused) throw messageId;
    if (typeof messageId !== 'string') throw error;
    return this.replay(tenantId, messageId);
  }

  private async replay(tenantId: string, messageId: string | null): Promise<Intake> {
    const [message] = messageId === null ? [] : await this.reader.findMany(tenantId, [messageId]);
    if (!message) throw new IdempotencyKeyForgotten();
    return { accepted: message.accepted, isReplay: true };
  }
}
