import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { RouteOptions } from 'fastify';
import type { Configuration } from '../config/index.js';

/** What a route says about itself in its Fastify config. */
export interface RouteFlags {
  /** The handler gets the bytes of the body, whatever its Content-Type: nothing is parsed. */
  readonly rawBody?: boolean;
  /** The handler passes the request's deadline on itself: see `DeadlineAtHand`. */
  readonly deadlineAtHand?: boolean;
  /** Which of the configured limits holds for the body. */
  readonly bodyLimit?: BodyLimitName;
}

export type BodyLimitName = 'bodyBytes' | 'batchBodyBytes' | 'callbackBodyBytes';

/** The longest body of a route, where it differs from LIMIT_BODY_BYTES. */
export function BodyLimit(bodyLimit: BodyLimitName): MethodDecorator {
  return withFlags({ bodyLimit });
}

/** Hands the handler a Buffer of any Content-Type, empty where there is no body. */
export function RawBody(): MethodDecorator {
  return withFlags({ rawBody: true });
}

/**
 * For routes that are called a thousand times a second: their deadline is no ambient one, which would cost each
 * promise of the process. The handler hands `request.deadline` to whatever it waits for.
 */
export function DeadlineAtHand(): MethodDecorator {
  return withFlags({ deadlineAtHand: true });
}

// RouteConfig of Nest replaces what another decorator had set.
function withFlags(flags: RouteFlags): MethodDecorator {
  return (_target, _key, descriptor) => {
    const handler = descriptor.value as object;
    const before = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler) as object;
    Reflect.defineMetadata(FASTIFY_ROUTE_CONFIG_METADATA, { ...before, ...flags }, handler);
  };
}

export function flagsOf(config: unknown): RouteFlags {
  return config ?? {};
}

/** For the hook that sees each route before it is made. */
export function applyBodyLimit(route: RouteOptions, limits: Configuration['limits']): void {
  const { bodyLimit } = flagsOf(route.config);
  if (bodyLimit !== undefined) route.bodyLimit = limits[bodyLimit];
}
