export {
  messageTypes,
  sourceTypes,
  type ContentPart,
  type MessageCategory,
  type MessageType,
} from './message-types.js';
export {
  messageTypeFor,
  type ContentField,
  type MessageContent,
  type MessageTypeVerdict,
} from './message-type-for.js';
export {
  buttonCaptionLength,
  codePoints,
  fitsLength,
  fitsSms,
  senderLength,
  smsLength,
  textLength,
  validityPeriodSeconds,
} from './limits.js';
export { isFinalStatus, smsStatuses, statusName } from '../statuses.js';
