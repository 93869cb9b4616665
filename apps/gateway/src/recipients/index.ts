export { IsRecipient } from './is-recipient.js';
export { readRecipient, showRecipient } from './recipient.js';
