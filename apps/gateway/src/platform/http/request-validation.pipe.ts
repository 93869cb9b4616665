import { ValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { InvalidRequest, type FieldError } from '../errors/index.js';
import { toFieldErrors } from './field-errors.js';

/**
 * Turns bodies and queries into their DTO and refuses what the DTO does not know. Nothing is converted
 * on the way: "1" is no number in a body, and a query's DTO says itself what it converts.
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
    if (metadata.type === 'body' && this.toValidate(metadata)) assertObject(value);
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
