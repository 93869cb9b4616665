import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { call, type TestTenant } from '../support/api.js';

export interface RawAttack {
  readonly name: string;
  /** Written as it is; a client that has nothing more to say then waits. */
  readonly bytes: (host: string, token: string) => string | Buffer;
  /** What the gateway may answer before it hangs up: its status, or null for hanging up without a word. */
  readonly answers: readonly (number | null)[];
}

/** Of each message that nobody but a smuggler sends. */
export const smuggledText = 'Smuggled';
export const smuggledBody = `{"recipient":"+380671234567","text":"${smuggledText}"}`;
const body = smuggledBody;

const post = (host: string, token: string, headers: string): string =>
  `POST /v1/messages HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n${headers}\r\n`;

/** What stands behind an attack, to be served by whoever reads that otherwise. */
export const smuggledRequest = (host: string, token: string): string =>
  `${post(host, token, `Content-Length: ${body.length}\r\n`)}${body}`;

/** What stands behind each attack would be served alone: the trap is armed. Behind it the gateway is asked to hang up. */
export const smuggledAlone: RawAttack = {
  name: 'alone',
  bytes: (host, token) =>
    `${smuggledRequest(host, token)}GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  answers: [202],
};

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
      `${post(host, token, `Content-Length: 4\r\nTransfer-Encoding: chunked\r\n`)}0\r\n\r\n${smuggledRequest(host, token)}`,
    answers: [400],
  },
  {
    name: 'an obscured transfer coding',
    bytes: (host, token) =>
      `${post(host, token, `Transfer-Encoding: xchunked\r\n`)}0\r\n\r\n${smuggledRequest(host, token)}`,
    answers: [400, 501],
  },
  {
    name: 'a transfer coding twice',
    bytes: (host, token) =>
      `${post(host, token, `Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n`)}0\r\n\r\n${smuggledRequest(host, token)}`,
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
  socket.write(bytes(host, token));
  // What is written to a gateway that has hung up fails, and is closed behind that.
  const closed = new Promise<true>((resolve) => socket.once('close', () => resolve(true)));
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

/** Sends attacks, some at once. Gives what each kind was answered with, and what should not have come of any. */
export async function attackAll(
  gateway: { readonly url: string },
  token: string,
  attacks: readonly RawAttack[],
  atOnce = 16,
): Promise<{ readonly answers: Readonly<Record<string, number>>; readonly broken: string[] }> {
  const waiting = [...attacks];
  const answers: Record<string, number> = {};
  const broken: string[] = [];
  const attacker = async (): Promise<void> => {
    for (let raw = waiting.pop(); raw !== undefined; raw = waiting.pop()) {
      const answer = await attack(gateway, token, raw);
      const status = String(answer.status ?? 'none');
      answers[status] = (answers[status] ?? 0) + 1;
      if (isRefusal(raw, answer) || broken.length >= mostBroken) continue;
      const bytes = String(raw.bytes('host', 'token')).slice(0, 600);
      broken.push(`${raw.name}: ${JSON.stringify(answer)}: ${JSON.stringify(bytes)}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, attacker));
  return { answers, broken };
}

const mostBroken = 20;

/** Refused as it may be, hung up on, and nothing behind it served. */
function isRefusal(raw: RawAttack, { status, statuses, isProblem, hungUp }: RawAnswer): boolean {
  const isRead = isProblem || status === null;
  return raw.answers.includes(status) && isRead && hungUp && statuses.every((one) => one >= 400);
}

/** How slow clients begin, signed in; they go on with a letter now and then, and never come to an end. */
export const slowBeginnings: readonly (readonly [
  what: string,
  begun: (token: string) => string,
])[] = [
  ['headers', () => 'POST /v1/messages HTTP/1.1\r\nHost: x\r\nX-Slow: '],
  ['bodies', (token) => `${post('x', token, 'Content-Length: 900\r\n')}{"text":"`],
];

const letterEveryMs = 500;
const openAtOnce = 20;
const openEveryMs = 20;

/** So many sockets that each begin a request, some after others, and send it so slowly that it never ends. */
export async function holdSockets(
  gateway: { readonly url: string },
  count: number,
  begun: string,
): Promise<{ closed: () => number; release: () => void }> {
  const { hostname, port } = new URL(gateway.url);
  let closed = 0;
  const sockets: Socket[] = [];
  const letters = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write('a');
  }, letterEveryMs);
  while (sockets.length < count) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.on('close', () => (closed += 1));
    socket.on('connect', () => socket.write(begun));
    socket.resume();
    sockets.push(socket);
    // A thousand at once would be a crowd.
    if (sockets.length % openAtOnce === 0) await delay(openEveryMs);
  }
  return {
    closed: () => closed,
    release: () => {
      clearInterval(letters);
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
