export { readCursor, writeCursor } from './cursor.js';
export { ButtonDto, CreateMessageDto } from './dto/create-message.dto.js';
export { EventDto } from './dto/event.dto.js';
export { IsInstant, isWebUrl } from './dto/field-rules.js';
export { MessageDto } from './dto/message.dto.js';
export { EventReader, type EventSource, type PublicEvent } from './event-reader.js';
export { eventTypes, type EventType } from './event-types.js';
export { EvidenceMerger, type Merged, type Verdict } from './evidence-merger.js';
export type { Evidence, EvidenceSource } from './evidence.js';
export { ForcedExpiry } from './forced-expiry.js';
export { readIdempotencyKey } from './idempotency-key.js';
export { smallestIdAt } from './id-time.js';
export { readInstant } from './instant.js';
export type { Companion } from './message-acceptor.js';
export { MessageEnder } from './message-ender.js';
export { MessageIntake } from './message-intake.js';
export { MessageReader } from './message-reader.js';
export { progressAtAcceptance, type Message } from './message.js';
export { MessagesApiModule } from './messages-api.module.js';
export { MessagesModule } from './messages.module.js';
export {
  idBounds,
  pageFrom,
  visibleAccounts,
  type FrontierRow,
  type Viewer,
} from './page-frontier.js';
export { meaningOf, meaningWithSms, smsCodes, type StatusMeaning } from './provider-status.js';
export { IsRecipient, readRecipient, showRecipient } from '../recipients/index.js';
export { ScheduledPromoter } from './scheduled-promoter.js';
export type { EventKey, StoredEvent } from './stored-event.js';
export {
  idempotencyKeyHeader,
  replayedHeader,
  replayedHeaders,
  sendProblems,
} from './send-contract.js';
export { Shape } from './shape.js';
export { showMessage } from './show-message.js';
export type { FinalStatus, MessageStatus } from './transitions.js';
