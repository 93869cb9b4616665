import type { SendingAccount } from '../accounts/index.js';
import { messageTypeFor } from '#viber/content';
import { readRecipient } from '../recipients/index.js';
import { chooseAccount, chooseSender } from './account-choice.js';
import type { CreateMessageDto } from './dto/create-message.dto.js';
import { timeOfId } from './id-time.js';
import { readInstant } from './instant.js';
import {
  AccountPaused,
  CategoryRequired,
  ContentNotAllowed,
  SendAtPast,
  SendAtTooFar,
} from './messages.errors.js';
import type { DeliveryMode, MessageClass, NewMessage } from './new-message.js';
import { defaultValiditySeconds } from './validity.js';

/** On whose behalf and by which defaults messages are drafted. */
export interface DraftingContext {
  readonly tenantId: string;
  readonly apiKeyId: string | null;
  readonly requestId: string | null;
  /** The accounts that the caller may use. */
  readonly accounts: readonly SendingAccount[];
  readonly defaultDeliveryMode: DeliveryMode;
}

/** A clock of the sender that is behind ours by less than this still means "now". */
const pastToleranceMs = 60_000;
const furthestAheadMs = 30 * 86_400_000;

/**
 * The message that a checked request asks for, normalised and with every default filled in.
 * @param id UUIDv7; its time is that of the acceptance
 * @param pointerTo JSON pointer of a field, for errors
 * @throws AccountRequired, AccountUnknown, AccountPaused, SenderRequired, SenderNotAllowed, CategoryRequired,
 *   ContentNotAllowed, SendAtPast, SendAtTooFar
 */
export function draftMessage(
  asked: CreateMessageDto,
  id: string,
  context: DraftingContext,
  pointerTo: (field: string) => string = (field) => `/${field}`,
): NewMessage {
  const account = chooseAccount(asked, context.accounts, pointerTo);
  if (account.whenPaused === 'reject' && account.pause !== null) {
    throw new AccountPaused(pointerTo('account_id'), account.pause);
  }
  const sender = chooseSender(asked, account, pointerTo);
  const category = asked.category ?? account.defaultCategory;
  if (category === null) throw new CategoryRequired(pointerTo('category'));
  const type = chooseType(asked, category, pointerTo);

  const acceptedAtMs = timeOfId(id);
  const sendAtMs = chooseSendAt(asked.send_at, acceptedAtMs, pointerTo);
  const validitySeconds = asked.validity_seconds ?? defaultValiditySeconds[category];
  return {
    tenantId: context.tenantId,
    id,
    accountId: account.id,
    apiKeyId: context.apiKeyId,
    acceptedAt: new Date(acceptedAtMs).toISOString(),
    sender,
    // The shape was checked before, so there are digits.
    recipient: readRecipient(asked.recipient)!,
    category,
    class: classOf(asked.priority, category),
    twoWay: type.twoWay,
    providerMessageType: type.type,
    deliveryMode: asked.delivery_mode ?? account.defaultDeliveryMode ?? context.defaultDeliveryMode,
    text: asked.text ?? null,
    imageUrl: asked.image_url ?? null,
    buttonCaption: asked.button?.caption ?? null,
    buttonUrl: asked.button?.url ?? null,
    fileUrl: asked.file_url ?? null,
    fallbackSmsText: chooseFallback(asked, category, pointerTo),
    validitySeconds,
    sendAt: sendAtMs === null ? null : new Date(sendAtMs).toISOString(),
    expiresAt: new Date((sendAtMs ?? acceptedAtMs) + validitySeconds * 1_000).toISOString(),
    clientReference: asked.client_reference ?? null,
    groupName: asked.group ?? null,
    metadata: asked.metadata ?? null,
    requestId: context.requestId,
  };
}

function classOf(
  priority: CreateMessageDto['priority'],
  category: NewMessage['category'],
): MessageClass {
  if (priority === 'urgent') return 0;
  return category === 'promotional' ? 2 : 1;
}

function chooseType(
  asked: CreateMessageDto,
  category: NewMessage['category'],
  pointerTo: (field: string) => string,
): { type: number; twoWay: boolean } {
  const verdict = messageTypeFor({
    text: asked.text ?? null,
    imageUrl: asked.image_url ?? null,
    button: asked.button ?? null,
    fileUrl: asked.file_url ?? null,
    category,
    twoWay: asked.two_way ?? null,
    providerMessageType: asked.provider_message_type ?? null,
  });
  if (!verdict.ok) throw new ContentNotAllowed(pointerTo(verdict.field), verdict.reason);
  return verdict;
}

function chooseFallback(
  asked: CreateMessageDto,
  category: NewMessage['category'],
  pointerTo: (field: string) => string,
): string | null {
  const text = asked.fallback_sms_text ?? null;
  if (text !== null && category !== 'transactional') {
    throw new ContentNotAllowed(
      pointerTo('fallback_sms_text'),
      'Only a transactional message has a fallback by SMS.',
    );
  }
  return text;
}

function chooseSendAt(
  asked: string | null | undefined,
  acceptedAtMs: number,
  pointerTo: (field: string) => string,
): number | null {
  const sendAtMs = readInstant(asked);
  if (sendAtMs === null) return null;
  if (sendAtMs < acceptedAtMs - pastToleranceMs) throw new SendAtPast(pointerTo('send_at'));
  if (sendAtMs > acceptedAtMs + furthestAheadMs) throw new SendAtTooFar(pointerTo('send_at'));
  return sendAtMs > acceptedAtMs ? sendAtMs : null;
}
