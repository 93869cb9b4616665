import type { WireErrorBody } from '#viber';
import type { FastifyReply } from 'fastify';
import type { Decision } from '../journal.js';
import type { RateLimitState } from '../keys.js';
import type { HttpStatusMode } from '../wire-modes.js';
import { errors, invalidParameter } from './errors.js';

/** All that an answer can be made of. */
export interface Answering {
  readonly reply: FastifyReply;
  /** What an undisturbed provider would say, as JSON text. */
  readonly truth: string;
  /** The parameter that a refusal names. */
  readonly parameter: string;
  readonly httpStatus: HttpStatusMode;
  readonly rateLimit: RateLimitState | null;
  readonly slowAnswerMs: number;
}

interface Answer {
  /** What the caller is told, where nothing was accepted and for status requests. */
  readonly tells: Decision;
  readonly give: (answering: Answering) => void;
}

const jsonType = 'application/json; charset=UTF-8';

/** The ways to answer: a new one is one more line. */
export const answers = {
  ok: { tells: 'answered', give: (to) => json(to, 200, to.truth) },
  slow: { tells: 'answered', give: slow },
  lenient: {
    tells: 'answered',
    give: (to) => json(to, 200, to.truth.replace(/}$/, ', // the last one\n}')),
  },
  id_as_text: {
    tells: 'answered',
    give: (to) => json(to, 200, to.truth.replace(/"message_id":(\d+)/, '"message_id":"$1"')),
  },
  further_keys: {
    tells: 'answered',
    give: (to) => json(to, 200, to.truth.replace(/}$/, ',"price":"0.01","parts":1}')),
  },
  huge: {
    tells: 'answered',
    give: (to) => json(to, 200, `${' '.repeat(8 * 1024 * 1024)}${to.truth}`),
  },
  closing: {
    tells: 'answered',
    give: (to) => json({ ...to, reply: to.reply.header('connection', 'close') }, 200, to.truth),
  },
  dribble: { tells: 'answered', give: dribble },

  refused: { tells: 'refused', give: (to) => error(to, invalidParameter(`[${to.parameter}]`)) },
  refused_without_brackets: {
    tells: 'refused',
    give: (to) => error(to, invalidParameter(to.parameter)),
  },
  rate_limited: { tells: 'rate_limited', give: (to) => error(to, errors.rateLimited) },
  balance_empty: { tells: 'balance_empty', give: (to) => error(to, errors.balanceEmpty) },
  unauthorised: { tells: 'unauthorised', give: (to) => error(to, errors.unauthorised) },
  forbidden: { tells: 'forbidden', give: (to) => error(to, errors.forbidden) },

  internal_error: { tells: 'dropped', give: (to) => error(to, errors.internal) },
  never: { tells: 'dropped', give: (to) => void to.reply.hijack() },
  reset: { tells: 'dropped', give: (to) => void to.reply.hijack().raw.socket?.resetAndDestroy() },
  unreadable: { tells: 'dropped', give: (to) => json(to, 200, '\u0000{"message_') },
  half: { tells: 'dropped', give: half },
  empty: { tells: 'dropped', give: (to) => json(to, 200, '') },
  without_id: { tells: 'dropped', give: (to) => json(to, 200, '{"result":"ok"}') },
  not_found: { tells: 'dropped', give: (to) => page(to, 404, 'Not Found') },
  method_not_allowed: { tells: 'dropped', give: (to) => page(to, 405, 'Method Not Allowed') },
  too_large: { tells: 'dropped', give: (to) => page(to, 413, 'Request Entity Too Large') },
  unsupported_media_type: {
    tells: 'dropped',
    give: (to) => page(to, 415, 'Unsupported Media Type'),
  },
  bad_request: { tells: 'dropped', give: (to) => page(to, 400, 'Bad Request') },
  bad_gateway: { tells: 'dropped', give: (to) => page(to, 502, 'Bad Gateway') },
  unavailable: { tells: 'dropped', give: (to) => page(to, 503, 'Service Temporarily Unavailable') },
  redirect: {
    tells: 'dropped',
    give: (to) => page({ ...to, reply: to.reply.header('location', '/elsewhere') }, 302, 'Found'),
  },
} as const satisfies Record<string, Answer>;

export type AnswerName = keyof typeof answers;

function json({ reply, rateLimit }: Answering, httpStatus: number, body: string): void {
  if (rateLimit) {
    reply
      .header('x-rate-limit-limit', rateLimit.limit)
      .header('x-rate-limit-remaining', rateLimit.remaining)
      .header('x-rate-limit-reset', rateLimit.reset);
    if (rateLimit.isExceeded && rateLimit.retryAfter !== null) {
      reply.header('retry-after', rateLimit.retryAfter);
    }
  }
  reply.code(httpStatus).header('content-type', jsonType).send(body);
}

function error(to: Answering, body: WireErrorBody): void {
  json(to, to.httpStatus === 'real' ? body.status : 200, JSON.stringify(body));
}

/** As a web server in front of the provider would answer: always under its own status, never JSON. */
function page({ reply }: Answering, httpStatus: number, title: string): void {
  const html = `<html>\n<head><title>${httpStatus} ${title}</title></head>\n<body><h1>${title}</h1></body>\n</html>\n`;
  reply.code(httpStatus).header('content-type', 'text/html').send(html);
}

function slow(to: Answering): void {
  setTimeout(() => json(to, 200, to.truth), to.slowAnswerMs).unref();
}

function half({ reply, truth }: Answering): void {
  const { socket } = reply.hijack().raw;
  const head = `HTTP/1.1 200 OK\r\nContent-Type: ${jsonType}\r\nContent-Length: ${truth.length}\r\n\r\n`;
  socket?.end(head + truth.slice(0, truth.length / 2));
}

function dribble({ reply, truth }: Answering): void {
  const { raw } = reply.hijack();
  raw.writeHead(200, { 'content-type': jsonType, 'content-length': truth.length });
  let at = 0;
  const timer = setInterval(() => {
    raw.write(truth[at++]);
    if (at < truth.length) return;
    clearInterval(timer);
    raw.end();
  }, 20);
  raw.on('close', () => clearInterval(timer));
}
