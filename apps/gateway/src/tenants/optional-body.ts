import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { markBodyTaken, RequestValidationPipe } from '../platform/http/index.js';
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
export const OptionalBody = (): ParameterDecorator => {
  const take = bodyOrNothing(new OptionalBodyPipe());
  return (target, method, index) => {
    if (method !== undefined) markBodyTaken(target, method);
    take(target, method, index);
  };
};
