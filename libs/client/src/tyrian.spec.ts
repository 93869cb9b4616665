import { describe, expect, it } from '@jest/globals';
import {
  ApiError,
  ConnectionFailed,
  CursorTooOld,
  OutcomeUnknown,
  SenderNotAllowed,
  Tyrian,
  WaitTimeout,
  type TyrianOptions,
} from './index.js';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly key: string | null;
  readonly body: unknown;
}

type Answer = { status?: number; body: unknown; headers?: Record<string, string> } | Error;

/** A gateway that answers as it is told, one answer after the other, the last one for ever. */
function gateway(answers: readonly Answer[], options: Partial<TyrianOptions> = {}) {
  const seen: Seen[] = [];
  const client = new Tyrian({
    baseUrl: 'http://gateway.example/',
    apiKey: 'tyr_live_key',
    ...options,
    fetch: async (input, init) => {
      const headers = new Headers(init?.headers);
      expect(headers.get('authorization')).toBe('Bearer tyr_live_key');
      seen.push({
        method: String(init?.method),
        url: input as string,
        key: headers.get('idempotency-key'),
        body: init?.body === undefined ? undefined : JSON.parse(init.body as string),
      });
      const answer = answers[Math.min(seen.length, answers.length) - 1] as Answer;
      if (answer instanceof Error) throw answer;
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      return new Response(text, { status: answer.status ?? 200, headers: answer.headers ?? {} });
    },
  });
  return { client, seen };
}

function problem(code: string, status: number, headers: Record<string, string> = {}): Answer {
  const body = { code, status, type: `urn:${code}`, title: code, detail: 'As it is.' };
  return { status, body, headers };
}

const message = { id: 'msg_1', status: 'queued', is_final: false };
const hello = { recipient: '+380671234567', text: 'Hello' };

describe('a request that may have failed for the moment', () => {
  it.each([
    ['no answer', new TypeError('fetch failed')],
    ['an unknown outcome', problem('outcome_unknown', 503)],
    ['an overload', problem('overloaded', 503)],
    ['too many requests', problem('too_many_requests', 429)],
    ['the same key under way', problem('idempotency_in_progress', 409)],
    ['somebody else’s page', { status: 200, body: '<html>Sign in</html>' }],
    ['a proxy', { status: 502, body: '<html>Bad gateway</html>' }],
  ])('is made again under the same idempotency key: %s', async (_, failure) => {
    const { client, seen } = gateway([failure, failure, { status: 202, body: message }]);
    expect(await client.send(hello)).toEqual(message);
    expect(seen).toHaveLength(3);
    expect(new Set(seen.map(({ key }) => key)).size).toBe(1);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: 'http://gateway.example/v1/messages',
      key: expect.stringMatching(/^[\w-]{36}$/),
      body: hello,
    });
  });

  it('has a key of its own each time that the program sends, and the program’s where it gives one', async () => {
    const { client, seen } = gateway([{ body: message }]);
    await client.send(hello);
    await client.send(hello);
    await client.send(hello, { idempotencyKey: 'order-1' });
    await client.sendBatch({ messages: [hello] }, { idempotencyKey: 'orders' });
    expect(new Set(seen.map(({ key }) => key)).size).toBe(4);
    expect(seen.slice(2).map(({ key }) => key)).toEqual(['order-1', 'orders']);
  });

  it('waits as long as the answer asks for', async () => {
    const { client } = gateway([
      problem('too_many_requests', 429, { 'retry-after': '1' }),
      { body: message },
    ]);
    const startedAt = performance.now();
    await client.send(hello);
    expect(performance.now() - startedAt).toBeGreaterThan(950);
  });

  it('is not made again where it could do something twice', async () => {
    const create = (failure: Answer) => {
      const { client, seen } = gateway([failure, { status: 201, body: {} }]);
      const made = client.call('createApiKey', { body: { name: 'Key', scopes: ['*'] } });
      return { made, seen };
    };
    for (const failure of [new TypeError('reset'), problem('outcome_unknown', 503)]) {
      const { made, seen } = create(failure);
      await expect(made).rejects.toThrow(
        failure instanceof Error ? ConnectionFailed : OutcomeUnknown,
      );
      expect(seen).toHaveLength(1);
      expect(seen[0]?.key).toBeNull();
    }
    const { made, seen } = create(problem('database_unavailable', 503));
    await made;
    expect(seen).toHaveLength(2);
  });

  it('is given up in the end, with the last error', async () => {
    const { client, seen } = gateway([problem('overloaded', 503)], { retries: 2 });
    await expect(client.get('msg_1')).rejects.toMatchObject({ code: 'overloaded', status: 503 });
    expect(seen).toHaveLength(3);
  });

  it('is given up at once when its signal aborts', async () => {
    const { client, seen } = gateway([new TypeError('fetch failed')]);
    const controller = new AbortController();
    const sent = client.send(hello, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(sent).rejects.toThrow('enough');
    expect(seen.length).toBeLessThanOrEqual(1);
  });
});

describe('an error', () => {
  it('is of the class of its code, and names the fields and the request', async () => {
    const { client } = gateway([
      {
        status: 422,
        headers: { 'x-request-id': 'r-1' },
        body: {
          code: 'sender_not_allowed',
          status: 422,
          title: 'Sender not allowed',
          detail: 'No.',
          errors: [{ pointer: '/sender', detail: 'is not listed' }],
        },
      },
    ]);
    const error = await client.send(hello).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SenderNotAllowed);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      name: 'SenderNotAllowed',
      code: 'sender_not_allowed',
      status: 422,
      requestId: 'r-1',
      errors: [{ pointer: '/sender' }],
      message: 'sender_not_allowed: No.\n /sender: is not listed',
    });
  });

  it('of a later release is an ApiError, whatever its code is called', async () => {
    for (const code of ['quota_exceeded', 'constructor', '__proto__']) {
      const { client } = gateway([problem(code, 422)]);
      await expect(client.send(hello)).rejects.toMatchObject({ name: 'ApiError', code });
    }
  });

  it('is no answer where the time is over', async () => {
    const client = new Tyrian({
      baseUrl: 'http://gateway.example',
      apiKey: 'tyr_live_key',
      timeoutMs: 50,
      retries: 0,
      fetch: (_, init) =>
        new Promise((_, reject) => {
          init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
        }),
    });
    await expect(client.get('msg_1')).rejects.toThrow(ConnectionFailed);
  });
});

describe('what is read in pieces', () => {
  it('a list, to its end, with its filters', async () => {
    const { client, seen } = gateway([
      { body: { data: [{ id: 'msg_3' }, { id: 'msg_2' }], next_cursor: 'c1' } },
      { body: { data: [], next_cursor: 'c2' } },
      { body: { data: [{ id: 'msg_1' }], next_cursor: null } },
    ]);
    const ids: string[] = [];
    for await (const { id } of client.list('listMessages', { status: ['sent', 'pending'] }))
      ids.push(id);
    expect(ids).toEqual(['msg_3', 'msg_2', 'msg_1']);
    expect(seen.map(({ url }) => new URL(url).search)).toEqual([
      '?status=sent%2Cpending',
      '?status=sent%2Cpending&cursor=c1',
      '?status=sent%2Cpending&cursor=c2',
    ]);
  });

  it('the feed, from a cursor on; a page is asked for only when the one before was dealt with', async () => {
    const { client, seen } = gateway([
      { body: { data: [{ id: 'evt_1' }], next_cursor: 'c1', has_more: true } },
      { body: { data: [], next_cursor: 'c2', has_more: true } },
      { body: { data: [{ id: 'evt_2' }], next_cursor: 'c3', has_more: false } },
    ]);
    const pages: string[] = [];
    for await (const { events, cursor } of client.follow({
      after: 'c0',
      types: ['message.delivered'],
    })) {
      expect(seen).toHaveLength(pages.length + 1);
      pages.push(`${events.map(({ id }) => id).join()} ${cursor}`);
      if (pages.length === 3) break;
    }
    expect(pages).toEqual(['evt_1 c1', ' c2', 'evt_2 c3']);
    expect(seen.map(({ url }) => new URL(url).searchParams.get('after'))).toEqual([
      'c0',
      'c1',
      'c2',
    ]);
    expect(new URL(String(seen[0]?.url)).searchParams.get('wait_seconds')).toBe('25');
  });

  it('the feed, until its cursor is too old', async () => {
    const { client } = gateway([problem('cursor_too_old', 410)]);
    await expect(client.follow({ after: 'c0' }).next()).rejects.toThrow(CursorTooOld);
  });

  it('a message, until it is final', async () => {
    const { client, seen } = gateway([
      { body: message },
      { body: { ...message, status: 'delivered', is_final: true } },
    ]);
    expect(await client.waitForFinal('msg_1')).toMatchObject({ status: 'delivered' });
    expect(seen).toHaveLength(2);
    const { client: other } = gateway([{ body: message }]);
    const error = await other
      .waitForFinal('msg_1', { timeoutMs: 50 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WaitTimeout);
    expect(error).toMatchObject({ lastSeen: message });
  });
});

it('puts what stands in a path into it as one part', async () => {
  const { client, seen } = gateway([{ body: message }]);
  await client.get('a/b?c');
  expect(seen[0]?.url).toBe('http://gateway.example/v1/messages/a%2Fb%3Fc');
});
