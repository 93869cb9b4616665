import { ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { InvalidCharacters, InvalidRequest, NotFound, type FieldError } from '../errors/index.js';
import { toFieldErrors } from './field-errors.js';
import { pointerTo } from './json-pointer.js';
import { isStorable } from './storable.js';
import { unknownField } from './unasked-input.js';

/**
 * Turns bodies and queries into their DTO and refuses what the DTO does not know, and what the database could not
 * look for. Nothing is converted on the way: "1" is no number in a body, and a query's DTO says itself what it
 * converts.
 */
export class RequestValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      transformOptions: { enableImplicitConversion: false },
      // The values tell what is missing from what is wrong; no answer ever holds one.
      validationError: { target: false, value: true },
      exceptionFactory: (errors) => new InvalidRequest(toFieldErrors(errors)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // Nothing can stand under such an id.
    if (metadata.type === 'param' && typeof value === 'string' && !isStorable(value))
      throw new NotFound();
    if (this.toValidate(metadata)) {
      if (metadata.type === 'body') assertObject(value);
      if (metadata.type === 'query') assertQuery(value as Record<string, unknown>);
    }
    return super.transform(value, metadata);
  }
}

/** class-validator would look at the entries of an array one by one, and at no text at all. */
function assertObject(value: unknown): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  const error: FieldError =
    value === undefined
      ? { pointer: '', code: 'required', detail: 'A JSON body is required.' }
      : { pointer: '', code: 'invalid_type', detail: 'The body must be a JSON object.' };
  throw new InvalidRequest([error]);
}

/** What the parser of JSON does for bodies. */
function assertQuery(query: Record<string, unknown>): void {
  const unstorable = Object.keys(query).find(
    (name) => !isStorable(name) || [query[name]].flat().some((value) => !isStorable(String(value))),
  );
  if (unstorable !== undefined) {
    const detail = 'A text must hold neither a NUL nor half of a surrogate pair.';
    throw new InvalidCharacters(pointerTo('', unstorable), detail);
  }
  // Names that each object has: class-transformer passes them over in silence.
  const inherited = Object.keys(query).filter((name) => name in Object.prototype);
  if (inherited.length > 0) throw new InvalidRequest(inherited.map(unknownField));
}
