import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ViberNotReached, ViberUnauthorized } from './errors.js';
import { HttpViberClient } from './http-viber-client.js';
import { credential, failureOf, pause, textMessage, until } from './testing/fixtures.js';
import { http, RawProvider } from './testing/raw-provider.js';
import type { ViberOptions } from './viber-options.js';

let provider: RawProvider;
let client: HttpViberClient;

beforeEach(async () => {
  provider = await RawProvider.start();
});

afterEach(async () => {
  await client.close();
  await provider.stop();
});

function clientOf(options: Partial<ViberOptions> = {}): HttpViberClient {
  client = new HttpViberClient({ baseUrl: provider.baseUrl, timeoutMs: 2_000, ...options });
  return client;
}

const answerWith = (headers: Record<string, string>) => {
  provider.reply = (socket) => void socket.write(http(200, '{"message_id":1}', headers));
};

/** Sends, waits, sends again, and tells how many connections that took. */
async function connectionsAfter(idleMs: number): Promise<number> {
  await client.send(credential, textMessage);
  await pause(idleMs);
  await client.send(credential, textMessage);
  return provider.sockets.length;
}

describe('DISPATCH rule 12: idle connections', () => {
  it('are used again within two seconds', async () => {
    clientOf();
    expect(await connectionsAfter(1_200)).toBe(1);
  });

  it('are not used after two seconds, whatever longer time the provider offers', async () => {
    answerWith({ 'keep-alive': 'timeout=60' });
    clientOf();
    expect(await connectionsAfter(2_200)).toBe(2);
  });

  it('are given up a second before the time that the provider offers', async () => {
    answerWith({ 'keep-alive': 'timeout=2' });
    clientOf();
    expect(await connectionsAfter(300)).toBe(1);
    await pause(1_200);
    await client.send(credential, textMessage);
    expect(provider.sockets).toHaveLength(2);
  });

  it('are not kept at all where the provider offers a second, or closes', async () => {
    answerWith({ 'keep-alive': 'timeout=1' });
    clientOf();
    expect(await connectionsAfter(50)).toBe(2);
    answerWith({ connection: 'close' });
    expect(await connectionsAfter(50)).toBe(4);
  });
});

describe('the request', () => {
  it.each([
    ['key', 'the-key', Buffer.from('the-key').toString('base64')],
    ['key-colon', 'the-key', Buffer.from('the-key:').toString('base64')],
    ['encoded', 'dGhlLWtleQ==', 'dGhlLWtleQ=='],
  ] as const)('signs in by the form %s', async (auth, key, expected) => {
    clientOf();
    await client.send({ key, auth }, textMessage);
    expect(provider.requests[0]!.head).toContain(`\r\nauthorization: Basic ${expected}\r\n`);
  });

  it('is JSON with a length, posted below the path of the base URL', async () => {
    clientOf({ baseUrl: `${provider.baseUrl}/itd/` });
    await client.send(credential, { ...textMessage, text: 'Привіт 👋' });

    const [request] = provider.requests;
    expect(request!.head).toMatch(/^POST \/itd\/v1\/api\/send-viber HTTP\/1\.1\r\n/);
    expect(request!.head).toContain('\r\ncontent-type: application/json\r\n');
    expect(request!.head).not.toMatch(/transfer-encoding|expect:/i);
    expect(JSON.parse(request!.body)).toEqual({ ...textMessage, text: 'Привіт 👋' });
  });

  it('is not made with a key that no header can carry', async () => {
    clientOf();
    for (const key of ['', 'two\r\nlines', 'ключ']) {
      const error = await failureOf(client.send({ key, auth: 'encoded' }, textMessage));
      expect(error).toBeInstanceOf(ViberUnauthorized);
    }
    expect(provider.sockets).toHaveLength(0);
  });
});

describe('many at once', () => {
  it('share no more sockets than allowed, one request at a time on each, and all get their own answer', async () => {
    const open = new Map<number, number>();
    let mostOnOne = 0;
    provider.reply = (socket, { body, connection }) => {
      open.set(connection, (open.get(connection) ?? 0) + 1);
      mostOnOne = Math.max(mostOnOne, open.get(connection)!);
      setTimeout(() => {
        open.set(connection, open.get(connection)! - 1);
        socket.write(http(200, `{"message_id":${JSON.parse(body).text}}`));
      }, 5);
    };
    clientOf({ connections: 20 });
    const texts = Array.from({ length: 300 }, (_, index) => String(index + 1));
    const sent = await Promise.all(
      texts.map((text) => client.send(credential, { ...textMessage, text })),
    );

    expect(sent.map((answer) => answer.messageId)).toEqual(texts);
    expect(provider.sockets).toHaveLength(20);
    expect(mostOnOne).toBe(1);
  });
});

describe('close', () => {
  it('waits for calls under way, takes no more, and leaves no connection', async () => {
    provider.reply = (socket) => {
      setTimeout(() => socket.write(http(200, '{"message_id":1}')), 100);
    };
    clientOf();
    const underWay = client.send(credential, textMessage);
    await until(() => provider.requests.length === 1);
    const closed = client.close();

    expect(await failureOf(client.send(credential, textMessage))).toMatchObject({
      constructor: ViberNotReached,
      reason: 'closed',
    });
    expect((await underWay).messageId).toBe('1');
    await closed;
    await until(() => provider.sockets.every((socket) => socket.destroyed));
    await client.close();
  });
});
