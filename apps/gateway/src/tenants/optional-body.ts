import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { RequestValidationPipe } from '../platform/http/index.js';
import { requestOf } from './caller.js';

class OptionalBodyPipe extends RequestValidationPipe {
  constructor() {
    super();
    this.validateCustomDecorators = true;
  }
}

const bodyOrNothing = createParamDecorator(
  (_: unknown, context: ExecutionContext): unknown => requestOf(context).body ?? {},
);

/** A body whose fields may all be left out, and the body with them. */
export const OptionalBody = () => bodyOrNothing(new OptionalBodyPipe());
