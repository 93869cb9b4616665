import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createSandbox, recipientFor } from '../sandbox.js';
import type { Sandbox } from '../sandbox.js';
import type { SandboxConfig } from '../sandbox.config.js';
import { aSend, basic, SandboxClient } from '../testing/client.js';

const sendPath = '/v1/api/send-viber';
const statusPath = '/v1/api/receive-viber';

let sandbox: Sandbox;
let client: SandboxClient;

async function start(options: Partial<SandboxConfig> = {}): Promise<void> {
  sandbox = await createSandbox({ port: 0, ...options });
  client = new SandboxClient(sandbox.url);
}

afterEach(async () => {
  await client.close();
  await sandbox.close();
});

const idOf = ({ text }: { text: string }) => /"message_id":(\d+)/.exec(text)![1]!;
const errorOf = ({ status, text }: { status: number; text: string }) => ({
  http: status,
  ...JSON.parse(text),
});

describe('send-viber', () => {
  it('answers exactly an integer id, and the journal keeps the body field by field', async () => {
    await start();
    const sample = {
      source_addr: 'Custom Company',
      destination_addr: 8882222200,
      message_type: 106,
      text: 'Message content',
      image: 'https://yourdomain.com/images/image.jpg',
      button_caption: 'Join Us',
      button_action: 'https://yourdomain.com/join-us',
      source_type: 1,
      callback_url: 'http://127.0.0.1:9/viber-callback',
      validity_period: 3600,
    };
    const answer = await client.send(sample);
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/^\{"message_id":\d{10,15}\}$/);
    expect(answer.headers['content-type']).toBe('application/json; charset=UTF-8');
    const [line] = sandbox.journal.entries();
    expect(line).toMatchObject({ kind: 'send', decision: 'accepted', key: 'KEY', body: sample });
    expect(line!.body).toEqual(sample);
  });

  it('takes the three forms of authentication for the same key', async () => {
    await start({ keys: ['MY-KEY', 'as_given!'] });
    const status = async (authorization: string) => {
      const answer = await client.post(sendPath, JSON.stringify(aSend()), { authorization });
      return JSON.parse(answer.text).status ?? 'accepted';
    };
    expect(await status(basic('MY-KEY'))).toBe('accepted');
    expect(await status(basic('MY-KEY:'))).toBe('accepted');
    expect(await status('Basic as_given!')).toBe('accepted');
    expect(await status(basic('ANOTHER'))).toBe(401);
    expect(await status('')).toBe(401);
  });

  it('takes urlencoded and multipart bodies', async () => {
    await start();
    const fields = aSend({ text: 'Привіт 🎉' }) as Record<string, string>;
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    const multipart = new Response(form);
    const asForm = new URLSearchParams(fields).toString();
    idOf(await client.post(sendPath, asForm, { contentType: 'application/x-www-form-urlencoded' }));
    idOf(
      await client.post(sendPath, await multipart.text(), {
        contentType: multipart.headers.get('content-type')!,
      }),
    );
    const texts = sandbox.journal.entries().map(({ body }) => (body as { text: string }).text);
    expect(texts).toEqual(['Привіт 🎉', 'Привіт 🎉']);
  });

  it('names the first wrong parameter, and accepts nothing', async () => {
    await start();
    expect(errorOf(await client.send(aSend({ text: 'x'.repeat(1_001) })))).toEqual({
      http: 200,
      name: 'Invalid Parameter: [text]',
      message: 'Empty parameter or parameter validation error',
      code: 1,
      status: 400,
    });
    expect(errorOf(await client.post(sendPath, '{"source_addr":'))).toMatchObject({ status: 400 });
    expect(sandbox.messages.count).toBe(0);
    expect(sandbox.journal.entries().map(({ reason }) => reason)).toEqual([
      'text',
      'unreadable body',
    ]);
  });

  it('answers errors under their own status when told so', async () => {
    await start({ httpStatus: 'real' });
    expect(errorOf(await client.send(aSend({ text: '' })))).toMatchObject({ http: 400, code: 1 });
  });

  it('refuses a key beyond its limit with the headers of Yii2; polls draw on it too', async () => {
    await start();
    sandbox.keys.set('KEY', { limit: 2, window_seconds: 60, retry_after: true });
    const first = await client.send(aSend());
    expect(first.headers).toMatchObject({
      'x-rate-limit-limit': '2',
      'x-rate-limit-remaining': '1',
    });
    await client.status(idOf(first));
    const third = await client.send(aSend());
    expect(errorOf(third)).toEqual({
      http: 200,
      name: 'Too Many Requests',
      message: 'Rate limit exceeded.',
      code: 0,
      status: 429,
    });
    expect(third.headers).toMatchObject({
      'x-rate-limit-remaining': '0',
      'x-rate-limit-reset': '60',
      'retry-after': '30',
    });
    expect(errorOf(await client.status(idOf(first)))).toMatchObject({ status: 429 });
    sandbox.clock.advance(30_000);
    idOf(await client.send(aSend()));
    expect(sandbox.journal.entries().map(({ kind, decision }) => `${kind} ${decision}`)).toEqual([
      'send accepted',
      'status answered',
      'send rate_limited',
      'status rate_limited',
      'send accepted',
    ]);
  });

  it('answers 402 when the balance is empty, and takes nothing off it for a refusal', async () => {
    await start();
    sandbox.keys.set('KEY', { balance: 1 });
    await client.send(aSend({ text: '' }));
    const first = await client.send(aSend());
    expect(errorOf(await client.send(aSend()))).toEqual({
      http: 200,
      name: 'Topup balance is required',
      message: 'User balance is empty',
      code: 3,
      status: 402,
    });
    expect((await client.status(idOf(first))).text).toContain('"status":');
  });

  it('answers 401 to a key that was taken its right, its status requests too', async () => {
    await start();
    const id = idOf(await client.send(aSend()));
    sandbox.keys.set('KEY', { unauthorised: true });
    expect(errorOf(await client.send(aSend()))).toMatchObject({ http: 200, status: 401 });
    expect(errorOf(await client.status(id))).toMatchObject({ status: 401 });
  });

  it('waits the configured latency', async () => {
    await start({ latencyMs: 120 });
    const before = performance.now();
    await client.send(aSend());
    expect(performance.now() - before).toBeGreaterThanOrEqual(118);
  });
});

describe('receive-viber', () => {
  it('answers exactly id and status', async () => {
    await start();
    const id = idOf(await client.send(aSend({ destination_addr: recipientFor('undelivered') })));
    expect((await client.status(id)).text).toBe(`{"message_id":${id},"status":0}`);
    sandbox.clock.advance(1_000);
    expect((await client.status(id)).text).toBe(`{"message_id":${id},"status":4}`);
  });

  it('adds the status of the SMS only where the message had a text for one', async () => {
    await start();
    const send = aSend({
      destination_addr: recipientFor('undelivered'),
      source_type: 2,
      text_sms: 'Your code is 1234',
    });
    const id = idOf(await client.send(send));
    sandbox.clock.advance(1_000);
    expect((await client.status(id)).text).toMatch(
      /^\{"message_id":\d+,"status":4,"sms_message_id":\d+,"sms_message_status":2\}$/,
    );
  });

  it('refuses an unknown id, one of another key, and one older than five days', async () => {
    await start();
    const refused = { http: 200, name: 'Invalid Parameter: [message_id]', status: 400, code: 1 };
    const id = idOf(await client.send(aSend()));
    expect(errorOf(await client.status('429'))).toMatchObject(refused);
    expect(errorOf(await client.post(statusPath, '{}'))).toMatchObject(refused);
    expect(errorOf(await new SandboxClient(sandbox.url, 'OTHER').status(id))).toMatchObject(
      refused,
    );
    sandbox.clock.advance(5 * 24 * 3_600_000 - 60_000);
    expect((await client.status(id)).text).toContain('"status":1');
    sandbox.clock.advance(61_000);
    expect(errorOf(await client.status(id))).toMatchObject(refused);
  });
});

describe('other requests', () => {
  it('are 404 or 405 with a page, and stand in the journal', async () => {
    await start();
    expect((await client.call('GET', sendPath)).status).toBe(405);
    expect((await client.post('/v1/api/balance', '{}')).status).toBe(404);
    expect(sandbox.journal.entries().map(({ kind, request }) => [kind, request])).toEqual([
      ['other', `GET ${sendPath}`],
      ['other', 'POST /v1/api/balance'],
    ]);
  });
});

describe('the journal', () => {
  it('has its line before the answer goes out', async () => {
    await start();
    let writeFile = (): void => undefined;
    jest
      .spyOn(sandbox.journal, 'recorded')
      .mockReturnValue(new Promise((resolve) => (writeFile = resolve)));
    let isAnswered = false;
    const answer = client.send(aSend()).finally(() => (isAnswered = true));
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(sandbox.journal.entries()).toHaveLength(1);
    expect(isAnswered).toBe(false);
    writeFile();
    idOf(await answer);
  });

  it('breaks the connection rather than answer without a line', async () => {
    await start();
    jest.spyOn(sandbox.journal, 'recorded').mockRejectedValue(new Error('disk full'));
    await expect(client.send(aSend())).rejects.toThrow('other side closed');
  });
});

describe('faults', () => {
  it('of a count are met by that many, and not used up by what is refused for another reason', async () => {
    await start();
    await client.control('POST', '/faults', { fault: 'no_id', count: 2 });
    expect(errorOf(await client.send(aSend({ text: '' }))).name).toBe('Invalid Parameter: [text]');
    expect((await client.send(aSend())).text).toBe('{"result":"ok"}');
    expect((await client.status('1')).text).toContain('Invalid Parameter');
    expect((await client.status(sandbox.messages.list()[0]!.id)).text).toBe('{"result":"ok"}');
    expect(sandbox.faults.active).toEqual([]);
    expect((await client.send(aSend())).text).toMatch(/^\{"message_id":\d+\}$/);
  });

  it('take the whole service away until they are cleared', async () => {
    await start();
    const id = idOf(await client.send(aSend()));
    await client.control('POST', '/faults', { fault: 'bad_gateway' });
    expect((await client.send(aSend())).status).toBe(502);
    expect((await client.status(id)).status).toBe(502);
    await client.control('POST', '/faults', { fault: 'bad_gateway', rate: 0 });
    idOf(await client.send(aSend()));
  });

  it('meet only sends that the provider would accept, where they accept', async () => {
    await start();
    await client.control('POST', '/faults', { fault: 'error_after', http_status: 'real' });
    expect(errorOf(await client.send(aSend({ text: '' })))).toMatchObject({
      http: 200,
      status: 400,
    });
    expect(errorOf(await client.send(aSend()))).toMatchObject({ http: 500, code: 2 });
    expect(sandbox.messages.list()).toMatchObject([{ fate: 'error_after' }]);
  });

  it('keep the HTTP status of their fate unless told otherwise', async () => {
    await start();
    await client.control('POST', '/faults', { fault: 'refused_real', on: 'send' });
    expect((await client.send(aSend())).status).toBe(400);
    await client.control('POST', '/faults', {
      fault: 'refused_real',
      on: 'send',
      http_status: '200',
    });
    expect(errorOf(await client.send(aSend()))).toMatchObject({ http: 200, status: 400 });
  });

  it('can meet status requests alone', async () => {
    await start();
    await client.control('POST', '/faults', { fault: 'unreadable', on: 'status' });
    const id = idOf(await client.send(aSend()));
    const { text } = await client.status(id);
    expect(() => JSON.parse(text)).toThrow();
  });
});

describe('the seed', () => {
  it('gives the same ids, delays and faults to the same requests', async () => {
    const run = async (seed: string) => {
      await start({ seed });
      await client.control('POST', '/faults', { fault: 'error_before', rate: 0.5 });
      const answers = [];
      for (let n = 0; n < 20; n++) {
        const { text } = await client.send(aSend({ destination_addr: String(380501112200 + n) }));
        answers.push(text);
      }
      sandbox.clock.advance(10_000);
      const delays = sandbox.messages
        .list()
        .map(({ history }) => Date.parse(history[1]!.at) - Date.parse(history[0]!.at));
      await client.close();
      await sandbox.close();
      return { answers, delays };
    };
    const one = await run('one');
    expect(await run('one')).toEqual(one);
    expect(await run('two')).not.toEqual(one);
  });

  it('starts anew at a reset that gives it', async () => {
    await start({ seed: 'one' });
    const first = idOf(await client.send(aSend()));
    await client.control('POST', '/reset');
    expect(idOf(await client.send(aSend()))).not.toBe(first);
    await client.control('POST', '/reset', { seed: 'one' });
    expect(idOf(await client.send(aSend()))).toBe(first);
  });

  it('gives replies the same tokens again at a reset that gives it', async () => {
    await start({ seed: 'one' });
    const token = async () => {
      const reply = { phone_number: '380501112233', text: 'Yes', url: 'http://127.0.0.1:9/' };
      return (await client.control('POST', '/inbound', reply)).json.message_token;
    };
    const first = await token();
    await client.control('POST', '/reset');
    expect(await token()).not.toBe(first);
    await client.control('POST', '/reset', { seed: 'one' });
    expect(await token()).toBe(first);
  });
});

describe('another method', () => {
  it('is not allowed at the two calls, whatever the query says', async () => {
    await start();
    for (const path of [sendPath, statusPath, `${sendPath}?x=1`, `${statusPath}?`]) {
      expect((await client.call('GET', path)).status).toBe(405);
    }
    expect((await client.call('GET', `/else${sendPath}?x=1`)).status).toBe(404);
  });
});

describe('a request that no route gets to see', () => {
  it.each([
    ['POST', sendPath, 'application/json', 'x'.repeat(1024 * 1024 + 1), 413, 'too large'],
    ['POST', sendPath, ';;', '{}', 415, 'Media Type'],
    ['POST', '/v1/api/%zz', 'application/json', '{}', 400, 'not a valid url'],
    ['PROPFIND', sendPath, 'application/json', '{}', 405, ''],
    ['GET', `/v1/${'x'.repeat(4_000)}`, 'application/json', undefined, 404, ''],
  ])(
    '%s, case %#, stands in the journal before it is answered',
    async (method, path, contentType, body, status, reason) => {
      await start();
      const answer = await client.call(method, path, {
        contentType,
        body,
        authorization: basic('KEY'),
      });
      expect(answer.status).toBe(status);
      const entries = sandbox.journal.entries();
      expect(entries).toMatchObject([
        { kind: 'other', decision: 'dropped', key: 'KEY', request: `${method} ${path}` },
      ]);
      expect(entries[0]!.reason ?? '').toContain(reason);
    },
  );

  it('is no business of the journal where it is one for the control routes', async () => {
    await start();
    for (const path of ['/sandbox/nowhere', '/sandbox/%zz']) await client.call('GET', path);
    expect(sandbox.journal.entries()).toEqual([]);
  });
});

describe('close', () => {
  it('is done at once, requests that are never answered included', async () => {
    await start();
    const held = client.send(aSend({ destination_addr: recipientFor('timeout_after') }), 30_000);
    const outcome = held.then(
      () => 'answered',
      () => 'cut',
    );
    while (sandbox.journal.entries().length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const before = performance.now();
    await sandbox.close();
    expect(performance.now() - before).toBeLessThan(5_000);
    expect(await outcome).toBe('cut');
  });
});
