import type { ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
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

const takenBy = new WeakMap<object, Taken>();

/**
 * Unknown fields are errors also where a handler takes none at all: a query parameter or a body that nobody reads is a
 * mistake of the client's that it should hear of. What a handler does take, its DTO judges. Asked by the guards, once
 * they let somebody in: where nobody signs in, what monitoring systems and the provider hang on a URL changes nothing.
 * An interceptor would wrap each request into observables for it.
 * @throws InvalidRequest
 */
export function refuseUnaskedInput(context: ExecutionContext): void {
  const handler = context.getHandler();
  let taken = takenBy.get(handler);
  if (taken === undefined) {
    taken = readTaken(context);
    takenBy.set(handler, taken);
  }
  if (taken.query && taken.body) return;
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  const errors = [
    ...(taken.query ? [] : unknownFields(request.query)),
    ...(taken.body ? [] : unknownFields(request.body)),
  ];
  if (errors.length > 0) throw new InvalidRequest(errors);
}

function readTaken(context: ExecutionContext): Taken {
  const { name } = context.getHandler();
  const type = context.getClass();
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
