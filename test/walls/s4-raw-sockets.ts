import { once } from 'node:events';
import { connect } from 'node:net';
import { call, type TestTenant } from '../support/gateway.js';

export interface RawAttack {
  readonly name: string;
  /** Written as it is; a client that has nothing more to say then waits. */
  readonly bytes: (host: string, token: string) => string | Buffer;
  /** What the gateway may answer before it hangs up: its status, or null for hanging up without a word. */
  readonly answers: readonly (number | null)[];
}

const body = '{"recipient":"+380671234567","text":"Smuggled"}';

const post = (host: string, token: string, headers: string): string =>
  `POST /v1/messages HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n${headers}\r\n`;

const inner = (host: string, token: string): string =>
  `${post(host, token, `Content-Length: ${body.length}\r\n`)}${body}`;

/** Forms by which a proxy and a server may disagree about where a request ends, and floods of one request. */
export const rawAttacks: readonly RawAttack[] = [
  {
    name: 'two lengths that differ',
    bytes: (host, token) =>
      `${post(host, token, `Content-Length: ${body.length}\r\nContent-Length: 3\r\n`)}${body}`,
    answers: [400],
  },
  {
    name: 'a length and chunks',
    bytes: (host, token) =>
      `${post(host, token, `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n`)}0\r\n\r\n${inner(host, token)}`,
    answers: [400],
  },
  {
    name: 'an obscured transfer coding',
    bytes: (host, token) =>
      `${post(host, token, `Transfer-Encoding: xchunked\r\n`)}0\r\n\r\n${inner(host, token)}`,
    answers: [400, 501],
  },
  {
    name: 'a transfer coding twice',
    bytes: (host, token) =>
      `${post(host, token, `Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n`)}0\r\n\r\n${inner(host, token)}`,
    answers: [400],
  },
  {
    name: 'a blank before the colon',
    bytes: (host, token) => `${post(host, token, `Content-Length : ${body.length}\r\n`)}${body}`,
    answers: [400],
  },
  {
    name: 'a folded header',
    bytes: (host, token) => post(host, token, `X-Folded: a\r\n b\r\nContent-Length: 0\r\n`),
    answers: [400],
  },
  {
    name: 'a bare line feed between headers',
    bytes: (host, token) =>
      `POST /v1/messages HTTP/1.1\nHost: ${host}\nAuthorization: Bearer ${token}\nContent-Type: application/json\nContent-Length: ${body.length}\n\n${body}`,
    answers: [400],
  },
  {
    name: 'a chunk of a length that is no number',
    bytes: (host, token) =>
      `${post(host, token, 'Transfer-Encoding: chunked\r\n')}zz\r\n${body}\r\n0\r\n\r\n`,
    answers: [400],
  },
  {
    name: 'a chunk of a length beyond all bounds',
    bytes: (host, token) =>
      `${post(host, token, 'Transfer-Encoding: chunked\r\n')}ffffffffffffffff1\r\n${body}\r\n0\r\n\r\n`,
    answers: [400, 413],
  },
  {
    name: 'a negative length',
    bytes: (host, token) => `${post(host, token, 'Content-Length: -1\r\n')}${body}`,
    answers: [400],
  },
  {
    name: 'a NUL in a header',
    bytes: (host, token) => post(host, token, 'X-Nul: a\0b\r\nContent-Length: 0\r\n'),
    answers: [400],
  },
  {
    name: 'no host',
    bytes: () => 'GET /health/live HTTP/1.1\r\n\r\n',
    answers: [400],
  },
  {
    name: 'a protocol of its own',
    bytes: () => 'GET /health/live HTTP/9.9\r\nHost: x\r\n\r\n',
    answers: [400, 505],
  },
  {
    name: 'the preface of HTTP/2',
    bytes: () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    answers: [400, 505],
  },
  {
    name: 'headers of a mebibyte',
    bytes: (host) => `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Long: ${'x'.repeat(1 << 20)}\r\n\r\n`,
    answers: [431, null],
  },
  {
    name: 'fifty thousand headers',
    bytes: (host) =>
      `GET / HTTP/1.1\r\nHost: ${host}\r\n${Array.from({ length: 50_000 }, (_, n) => `X-${n}: 1\r\n`).join('')}\r\n`,
    answers: [431, null],
  },
  {
    name: 'a body of 20 MiB that is announced',
    bytes: (host, token) =>
      Buffer.concat([
        Buffer.from(post(host, token, `Content-Length: ${20 << 20}\r\n`)),
        Buffer.alloc(2 << 20, 0x20),
      ]),
    answers: [413, null],
  },
  {
    name: 'a body of chunks without end',
    bytes: (host, token) =>
      post(host, token, 'Transfer-Encoding: chunked\r\n') +
      `10000\r\n${' '.repeat(0x10000)}\r\n`.repeat(40),
    answers: [413, null],
  },
  {
    name: 'a path of 100 KiB',
    bytes: (host) => `GET /${'a'.repeat(100 << 10)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    answers: [414, 431, null],
  },
  {
    name: 'what is no HTTP',
    bytes: () => Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
    answers: [400, null],
  },
];

export interface RawAnswer {
  readonly status: number | null;
  /** Status lines in all that came back. */
  readonly statuses: readonly number[];
  readonly isProblem: boolean;
  readonly hungUp: boolean;
}

/** Sends an attack over a socket of its own, and reads until the gateway hangs up. */
export async function attack(
  gateway: { readonly url: string },
  token: string,
  { bytes }: RawAttack,
  withinMs = 20_000,
): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  const received: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(bytes(host, token));
  const closed = once(socket, 'close').then(() => true);
  const late = new Promise<false>((resolve) => setTimeout(resolve, withinMs, false).unref());
  const hungUp = await Promise.race([closed, late]);
  socket.destroy();
  const text = Buffer.concat(received).toString('latin1');
  const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
  return {
    status: statuses[0] ?? null,
    statuses,
    isProblem: /content-type: application\/problem\+json/i.test(text),
    hungUp,
  };
}

/** Slow clients: so many sockets that each begin a request and say no more. */
export async function holdSockets(
  gateway: { readonly url: string },
  count: number,
  begun: string,
): Promise<{ closed: () => number; release: () => void }> {
  const { hostname, port } = new URL(gateway.url);
  let closed = 0;
  const sockets = Array.from({ length: count }, () => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.on('close', () => (closed += 1));
    socket.on('connect', () => socket.write(begun));
    socket.resume();
    return socket;
  });
  return {
    closed: () => closed,
    release: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** How many messages the tenant has: what was smuggled would be among them. */
export async function countMessages(
  gateway: { readonly url: string },
  tenant: TestTenant,
): Promise<number> {
  const { data } = await call<{ data: unknown[] }>(gateway, 'GET', '/v1/messages?limit=500', {
    token: tenant.apiKey,
    expect: 200,
  });
  return data.length;
}
