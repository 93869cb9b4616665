import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ViberNotReached, ViberOutcomeUnknown } from './errors.js';
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

const send = (options = {}) => client.send(credential, textMessage, options);

describe('nothing written: ViberNotReached', () => {
  it('where nobody listens', async () => {
    const free = await RawProvider.start();
    const baseUrl = free.baseUrl;
    await free.stop();
    clientOf({ baseUrl });

    expect(await failureOf(send())).toMatchObject({
      constructor: ViberNotReached,
      knowledge: 'not_sent',
      reason: 'connect',
      code: 'ECONNREFUSED',
    });
  });

  it('where the name of the host does not exist', async () => {
    clientOf({ baseUrl: 'http://nowhere.invalid' });
    expect(await failureOf(send())).toMatchObject({ constructor: ViberNotReached, reason: 'dns' });
  });

  it('where TLS fails: the key and the message never leave', async () => {
    provider.onConnection = (socket) => void socket.write('this is not TLS\r\n\r\n');
    clientOf({ baseUrl: `https://127.0.0.1:${provider.port}` });

    expect(await failureOf(send())).toMatchObject({ constructor: ViberNotReached, reason: 'tls' });
    expect(provider.received[0]!.includes('POST')).toBe(false);
  });

  it('where the deadline passes before the connection stands', async () => {
    clientOf({ baseUrl: `https://127.0.0.1:${provider.port}` });
    const error = await failureOf(send({ timeoutMs: 100 }));

    expect(error).toMatchObject({ constructor: ViberNotReached, reason: 'timeout' });
  });

  it('where the deadline passes while all sockets are taken, and it is not written later either', async () => {
    provider.reply = (socket) => {
      setTimeout(() => socket.write(http(200, '{"message_id":1}')), 200);
    };
    clientOf({ connections: 1 });
    const first = send();
    const second = failureOf(send({ timeoutMs: 50 }));

    expect(await second).toMatchObject({ constructor: ViberNotReached, reason: 'timeout' });
    expect((await first).messageId).toBe('1');
    await pause(50);
    expect(provider.requests).toHaveLength(1);
    expect((await send()).messageId).toBe('1');
    expect(provider.requests).toHaveLength(2);
  });

  it('where mayWrite says no on a fresh connection: not one byte', async () => {
    clientOf();
    const error = await failureOf(send({ mayWrite: () => false }));

    expect(error).toMatchObject({ constructor: ViberNotReached, reason: 'not_allowed' });
    await until(() => provider.sockets.length === 1);
    await pause(50);
    expect(provider.receivedBytes).toBe(0);
  });

  it('where mayWrite says no on a used connection, which goes on serving others', async () => {
    clientOf();
    await send();
    await pause(20);
    const before = provider.receivedBytes;

    const error = await failureOf(send({ mayWrite: () => false }));
    await pause(50);
    expect(error).toMatchObject({ constructor: ViberNotReached, reason: 'not_allowed' });
    expect(provider.receivedBytes).toBe(before);

    await send();
    expect(provider.requests).toHaveLength(2);
    expect(provider.sockets).toHaveLength(1);
  });

  it('where the client is closed', async () => {
    clientOf();
    await client.close();
    expect(await failureOf(send())).toMatchObject({
      constructor: ViberNotReached,
      reason: 'closed',
    });
  });

  it('asks mayWrite only once the socket is connected, and once', async () => {
    let asked = 0;
    let release = (): void => {};
    provider.reply = (socket) => {
      release = () => void socket.write(http(200, '{"message_id":1}'));
    };
    clientOf({ connections: 1 });
    const first = send();
    await until(() => provider.requests.length === 1);
    const second = send({ mayWrite: () => ++asked > 0 });
    await pause(50);
    expect(asked).toBe(0);

    release();
    await first;
    await until(() => provider.requests.length === 2);
    expect(asked).toBe(1);
    release();
    await second;
    expect(asked).toBe(1);
  });
});

describe('bytes written: ViberOutcomeUnknown, and never written again', () => {
  const unknown = async (reason: string) => {
    const error = await failureOf(send());
    expect(error).toMatchObject({ constructor: ViberOutcomeUnknown, knowledge: 'unknown', reason });
    await pause(50);
    expect(provider.requests).toHaveLength(1);
    return error;
  };

  it('where no answer comes before the deadline; the connection is given up', async () => {
    provider.reply = () => {};
    clientOf();
    await unknown('timeout');
    await until(() => provider.sockets[0]!.destroyed || provider.sockets[0]!.readableEnded);
  });

  it('where the answer drips in more slowly than the deadline allows', async () => {
    provider.reply = (socket) => {
      const text = http(200, '{"message_id":429}');
      let at = 0;
      const drip = setInterval(() => {
        if (at >= text.length || socket.destroyed) clearInterval(drip);
        else socket.write(text[at++]!);
      }, 100);
    };
    clientOf();
    await unknown('timeout');
  });

  it('where the connection is reset after the request was read', async () => {
    provider.reply = (socket) => void socket.resetAndDestroy();
    clientOf();
    expect(await unknown('reset')).toMatchObject({ code: 'ECONNRESET' });
  });

  it('where the connection is closed in good order without an answer', async () => {
    provider.reply = (socket) => void socket.end();
    clientOf();
    await unknown('reset');
  });

  it.each([
    ['with a length', 'HTTP/1.1 200 OK\r\ncontent-length: 18\r\n\r\n{"message_id":42'],
    [
      'with a length, closing',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 18\r\n\r\n{"message_id":42',
    ],
    [
      'in chunks',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n10\r\n{"message_id":42\r\n',
    ],
    ['in its head', 'HTTP/1.1 200 OK\r\ncontent-le'],
    [
      'whole JSON, but half of the length',
      'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"message_id":4}',
    ],
  ])('where the answer breaks off: %s', async (_how, half) => {
    provider.reply = (socket) => void socket.end(half);
    clientOf();
    const error = await failureOf(send());
    expect(error).toMatchObject({ constructor: ViberOutcomeUnknown });
    expect(['half_answer', 'reset']).toContain((error as ViberOutcomeUnknown).reason);
    await pause(50);
    expect(provider.requests).toHaveLength(1);
  });

  it('where an answer without a length breaks off, the cut id is not taken for an id', async () => {
    provider.reply = (socket) => {
      socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{"message_id":42');
    };
    clientOf();
    await unknown('unreadable_answer');
  });

  it('where the answer is not HTTP', async () => {
    provider.reply = (socket) => void socket.write('SSH-2.0-OpenSSH_9.6\r\n');
    clientOf();
    await unknown('unreadable_answer');
  });

  it('where a used connection is closed the moment the next request arrives', async () => {
    provider.reply = (socket, { number }) => {
      if (number === 1) socket.write(http(200, '{"message_id":1}'));
      else socket.destroy();
    };
    clientOf();
    await send();
    await pause(20);
    const error = await failureOf(send());

    expect(error).toMatchObject({ constructor: ViberOutcomeUnknown, reason: 'reset' });
    await pause(50);
    expect(provider.requests.map((request) => request.connection)).toEqual([1, 1]);
  });
});

it('a connection that is reset at once never hides a written request behind ViberNotReached', async () => {
  provider.onConnection = (socket) => void socket.resetAndDestroy();
  clientOf();
  for (let round = 0; round < 20; round++) {
    const error = await failureOf(send());
    const isHonest =
      error instanceof ViberOutcomeUnknown ||
      (error instanceof ViberNotReached && provider.receivedBytes === 0);
    expect(isHonest).toBe(true);
  }
});

it('an idle connection that the provider closed is replaced before anything is written', async () => {
  provider.reply = (socket, { number }) => {
    socket.write(http(200, `{"message_id":${number}}`));
    if (number === 1) setTimeout(() => socket.end(), 30);
  };
  clientOf();
  await send();
  await until(() => provider.sockets[0]!.destroyed);

  expect((await send()).messageId).toBe('2');
  expect(provider.requests.map((request) => request.connection)).toEqual([1, 2]);
});
