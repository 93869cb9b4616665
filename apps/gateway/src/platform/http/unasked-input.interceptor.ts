import { type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { GUARDS_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { InvalidRequest, type FieldError } from '../errors/index.js';
import { pointerTo } from './json-pointer.js';

const takesBody = Symbol('takes a body');

/** Says of a handler that a decorator of its own hands it the body. */
export function markBodyTaken(target: object, method: string | symbol): void {
  Reflect.defineMetadata(takesBody, true, target, method);
}

interface Taken {
  readonly query: boolean;
  readonly body: boolean;
}

/**
 * Unknown fields are errors also where a handler takes none at all: a query parameter or a body that nobody reads is a
 * mistake of the client's that it should hear of. What a handler does take, its DTO judges. Where nobody signs in, what
 * monitoring systems and the provider hang on a URL changes nothing.
 */
export class UnaskedInputInterceptor implements NestInterceptor {
  private readonly known = new WeakMap<object, Taken>();

  intercept(context: ExecutionContext, next: CallHandler): ReturnType<CallHandler['handle']> {
    const handler = context.getHandler();
    let taken = this.known.get(handler);
    if (taken === undefined) {
      taken = takenBy(context);
      this.known.set(handler, taken);
    }
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const errors = [
      ...(taken.query ? [] : unknownFields(request.query)),
      ...(taken.body ? [] : unknownFields(request.body)),
    ];
    if (errors.length > 0) throw new InvalidRequest(errors);
    return next.handle();
  }
}

function takenBy(context: ExecutionContext): Taken {
  const { name } = context.getHandler();
  const type = context.getClass();
  if (!Reflect.hasMetadata(GUARDS_METADATA, type)) return { query: true, body: true };
  const parameters = Object.keys(
    (Reflect.getMetadata(ROUTE_ARGS_METADATA, type, name) as object | undefined) ?? {},
  );
  const takes = (kind: RouteParamtypes): boolean =>
    parameters.some((key) => key.startsWith(`${kind}:`));
  return {
    query: takes(RouteParamtypes.QUERY),
    body:
      takes(RouteParamtypes.BODY) ||
      Reflect.getMetadata(takesBody, type.prototype as object, name) === true,
  };
}

/** Clients declare JSON on calls without a body too, and some send `{}` or `null`. */
function unknownFields(input: unknown): FieldError[] {
  if (input === undefined || input === null) return [];
  if (typeof input !== 'object' || Array.isArray(input)) {
    return [{ pointer: '', code: 'invalid_type', detail: 'The body must be a JSON object.' }];
  }
  return Object.keys(input)
    .slice(0, 50)
    .map((name) => unknownField(name));
}

export function unknownField(name: string): FieldError {
  const shown = JSON.stringify(name.slice(0, 60));
  return {
    pointer: pointerTo('', name),
    code: 'unknown_field',
    detail: `There is no field ${shown}.`,
  };
}
