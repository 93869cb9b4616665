import { ValidateBy } from 'class-validator';
import { readRecipient } from './recipient.js';

export function IsRecipient(): PropertyDecorator {
  return ValidateBy(
    {
      name: 'recipient',
      validator: {
        validate: (value) => readRecipient(value) !== null,
        defaultMessage: () =>
          '$property must be a phone number with its country code, 7 to 15 digits, such as +380671234567.',
      },
    },
    { context: { code: 'invalid_recipient' } },
  );
}
