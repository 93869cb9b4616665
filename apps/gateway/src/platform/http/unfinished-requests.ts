import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** How long a client may go on sending its request once the server closes. */
const PATIENCE_MS = 3_000;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/**
 * A server has closed when its last connection has. One client that sends its request slowly, or not
 * at all, would keep it open for longer than a drain may take: those are cut off after a moment.
 * Requests that are here whole are answered, however long that takes.
 */
export function cutUnfinishedRequests(instance: FastifyInstance): void {
  const { server } = instance;
  /** The latest exchange of each connection; null before the first. */
  const connections = new Map<Socket, Exchange | null>();
  server.on('connection', (socket: Socket) => {
    connections.set(socket, null);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    connections.set(request.socket, { request, response });
  });
  instance.addHook('preClose', (done) => {
    const timer = setInterval(() => {
      for (const [socket, exchange] of connections) if (!isOwedAnswer(exchange)) socket.destroy();
    }, PATIENCE_MS);
    timer.unref();
    server.once('close', () => clearInterval(timer));
    done();
  });
}

function isOwedAnswer(exchange: Exchange | null): boolean {
  return exchange !== null && exchange.request.complete && !exchange.response.writableFinished;
}
