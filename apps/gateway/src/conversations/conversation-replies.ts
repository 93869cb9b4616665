import { Injectable } from '@nestjs/common';
import { ButtonDto, MessageIntake, Shape } from '../messages/index.js';
import type { Deadline } from '../platform/deadline/index.js';
import { InvalidRequest } from '../platform/errors/index.js';
import { showId } from '../platform/ids/index.js';
import type { Caller } from '../tenants/index.js';
import { ConversationReader } from './conversation-reader.js';
import { ConversationReplyDto } from './dto/conversation-reply.dto.js';

/** A request to answer, as it came in. */
export interface ReplySubmission {
  readonly caller: Caller;
  readonly conversationId: string;
  /** Parsed JSON. */
  readonly body: unknown;
  readonly idempotencyKey: string | null;
  readonly requestId: string | null;
  readonly deadline: Deadline;
}

const replyShape = new Shape(ConversationReplyDto, { button: new Shape(ButtonDto) });

/** Answers in a conversation: an ordinary two-way message, accepted as any other. */
@Injectable()
export class ConversationReplies {
  constructor(
    private readonly conversations: ConversationReader,
    private readonly intake: MessageIntake,
  ) {}

  /** @throws NotFound, InvalidRequest, and the errors of MessageIntake */
  async send({ conversationId, body, ...request }: ReplySubmission) {
    const errors = replyShape.errorsIn(body);
    if (errors.length > 0) throw new InvalidRequest(errors);
    const {
      recipient,
      sender,
      account_id: accountId,
    } = await this.conversations.get(request.caller, conversationId);
    return this.intake.take({
      ...request,
      // The account may change with the next reply; what is asked for does not.
      claimed: { conversation: conversationId, reply: body },
      body: {
        ...(body as ConversationReplyDto),
        recipient,
        sender,
        account_id: showId('acc', accountId),
        two_way: true,
      },
    });
  }
}
