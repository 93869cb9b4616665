import { IsString, ValidateBy } from 'class-validator';
import { codePoints, fitsLength, fitsSms, smsLength } from '#viber/content';
import { readInstant } from '../instant.js';

/** A string with a length as people count it, both bounds included: a smile is one. */
export function CodePoints(bounds: { min: number; max: number }): PropertyDecorator {
  const { min, max } = bounds;
  const isString = IsString();
  const hasLength = ValidateBy({
    name: 'isLength',
    validator: {
      validate: (value) => typeof value !== 'string' || fitsLength(value, bounds),
      defaultMessage: (field) =>
        `$property has ${codePoints(String(field?.value))} characters, not ${min} to ${max}.`,
    },
  });
  return (target, property) => {
    isString(target, property);
    hasLength(target, property);
  };
}

export function IsInstant(): PropertyDecorator {
  return ValidateBy(
    {
      name: 'instant',
      validator: {
        validate: (value) => readInstant(value) !== null,
        defaultMessage: () =>
          '$property must be an ISO 8601 time with an offset, such as 2026-03-01T09:00:00+02:00.',
      },
    },
    { context: { code: 'invalid_time' } },
  );
}

/** A text that fits one SMS. */
export function IsSmsText(): PropertyDecorator {
  const { latin, other } = smsLength;
  const isString = IsString();
  const fits = ValidateBy({
    name: 'isLength',
    validator: {
      validate: (value) => typeof value !== 'string' || fitsSms(value),
      defaultMessage: () =>
        `$property must fit one SMS: 1 to ${latin} letters of the GSM alphabet, or 1 to ${other} of any other.`,
    },
  });
  return (target, property) => {
    isString(target, property);
    fits(target, property);
  };
}

export const webUrlMaxLength = 2_000;

/** What a phone or the provider can open: http or https, without blanks and without credentials. */
export function IsWebUrl(): PropertyDecorator {
  return ValidateBy(
    {
      name: 'url',
      validator: {
        validate: isWebUrl,
        defaultMessage: () =>
          `$property must be an http or https URL of at most ${webUrlMaxLength} characters, without credentials.`,
      },
    },
    { context: { code: 'invalid_url' } },
  );
}

export function isWebUrl(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > webUrlMaxLength) return false;
  if (!/^https?:\/\/[^\s\\]+$/i.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  return url.hostname !== '' && url.username === '' && url.password === '';
}

export const metadataBounds = { keys: 20, keyLength: 40, valueLength: 500 } as const;

export function IsMetadata(): PropertyDecorator {
  const { keys, keyLength, valueLength } = metadataBounds;
  return ValidateBy(
    {
      name: 'metadata',
      validator: {
        validate: isMetadata,
        defaultMessage: () =>
          `$property must be an object of at most ${keys} keys of 1 to ${keyLength} characters with strings of at most ${valueLength} characters.`,
      },
    },
    { context: { code: 'invalid_metadata' } },
  );
}

function isMetadata(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  const { keys, keyLength, valueLength } = metadataBounds;
  return (
    entries.length <= keys &&
    entries.every(
      ([key, text]) =>
        fitsLength(key, { min: 1, max: keyLength }) &&
        typeof text === 'string' &&
        fitsLength(text, { min: 0, max: valueLength }),
    )
  );
}

/** 1 to 255 visible ASCII characters, as in the Idempotency-Key header. */
export const idempotencyKeyPattern = /^[\x21-\x7e]{1,255}$/;
