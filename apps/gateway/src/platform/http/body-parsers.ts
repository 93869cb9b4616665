import type { FastifyInstance, FastifyRequest } from 'fastify';
import { UnsupportedMediaType } from '../errors/index.js';
import { flagsOf } from './route-options.js';
import { parseStrictJson } from './strict-json.js';

type Done = (error: Error | null, body?: unknown) => void;

/**
 * Replaces Fastify's parsers: strict JSON for all routes, bytes for those that ask for them, and 415
 * for everything else.
 */
export function useBodyParsers(instance: FastifyInstance, maximumDepth: number): void {
  instance.removeAllContentTypeParsers();
  const options = { parseAs: 'buffer' } as const;
  instance.addContentTypeParser(
    'application/json',
    options,
    (request: FastifyRequest, bytes: Buffer, done: Done) => {
      if (flagsOf(request.routeOptions.config).rawBody) return done(null, bytes);
      try {
        // Clients declare JSON on calls without a body too, such as a cancel.
        if (bytes.length === 0) return done(null, undefined);
        assertPlain(request);
        return done(null, parseStrictJson(bytes, { maximumDepth }));
      } catch (error) {
        return done(error as Error);
      }
    },
  );
  instance.addContentTypeParser(
    '*',
    options,
    (request: FastifyRequest, bytes: Buffer, done: Done) =>
      flagsOf(request.routeOptions.config).rawBody
        ? done(null, bytes)
        : done(new UnsupportedMediaType()),
  );
  // Before Fastify looks at the type: it refuses what it cannot read, and a callback must get through.
  instance.addHook('onRequest', (request, _reply, done) => {
    if (flagsOf(request.routeOptions.config).rawBody) {
      request.headers['content-type'] = 'application/octet-stream';
    }
    done();
  });
}

/** Neither compressed nor in another charset than UTF-8. */
function assertPlain({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new UnsupportedMediaType();
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^(?:utf-?8|us-ascii)$/i.test(charset)) {
    throw new UnsupportedMediaType();
  }
}
