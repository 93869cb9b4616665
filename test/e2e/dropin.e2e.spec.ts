import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSandbox, recipientFor, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { startCallbackReceiver } from '../support/callback-receiver.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';
import { readMetrics } from '../support/metrics.js';
import {
  ProviderClientError,
  providerClients,
  type ClientMessage,
  type ClientRequest,
  type ProviderClient,
} from '../support/provider-clients.js';

let database: TestDatabase;
let sandbox: Sandbox;
let gateway: TestGateway;
let tenant: TestTenant;

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
  gateway = await startGateway({
    database,
    providerUrl: sandbox.url,
    hosts: { 'inside.example': ['10.0.0.5'] },
  });
  tenant = await createTenant(gateway);
}, 60_000);

afterAll(async () => {
  await gateway?.close();
  await sandbox?.close();
  await database?.drop();
});

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function post(
  path: 'send-viber' | 'receive-viber',
  request: ClientRequest,
  to: { readonly url: string } = gateway,
): Promise<Answer> {
  const response = await fetch(`${to.url}/v1/api/${path}`, { method: 'POST', ...request });
  return { status: response.status, text: await response.text() };
}

async function sendBy(
  client: ProviderClient,
  message: ClientMessage,
  key = tenant.apiKey,
): Promise<number> {
  const { status, text } = await post('send-viber', client.sendRequest(key, message));
  return client.readSend(status, text);
}

async function statusBy(client: ProviderClient, id: number, key = tenant.apiKey) {
  const { status, text } = await post('receive-viber', client.statusRequest(key, id));
  return client.readStatus(status, text);
}

/** One field after another, as any program may write them. */
function json(body: unknown, key = tenant.apiKey): ClientRequest {
  return {
    headers: {
      authorization: `Basic ${Buffer.from(key).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
  };
}

/** What the provider got for the message that a client knows by the number. */
function providersRequest(number: number): Promise<Record<string, unknown>> {
  return eventually(async () => {
    const { data } = await call<{ data: { provider_message_id: string | null }[] }>(
      gateway,
      'GET',
      `/v1/messages?client_reference=${number}`,
      { token: tenant.apiKey, expect: 200 },
    );
    const id = data[0]?.provider_message_id;
    if (id == null) return null;
    const [sent] = sandbox.journal.entries({ kind: 'send', message_id: id });
    return (sent?.body ?? null) as Record<string, unknown> | null;
  });
}

const message: ClientMessage = {
  sender: 'Custom Company',
  receiver: '380671234567',
  messageType: 106,
  text: 'Fünf <b>Äpfel</b> & "mehr"',
  sourceType: 2,
};

describe.each(providerClients)('$name as a client', (client) => {
  it('sends, and asks until it hears delivered', async () => {
    const text = client.writesUnicode ? `${message.text} Привіт 👋` : message.text!;
    const id = await sendBy(client, { ...message, text, validityPeriod: 3600 });
    const delivered = await eventually(async () => {
      const read = await statusBy(client, id);
      return read.status === 1 ? read : null;
    });
    expect(delivered.messageId).toBe(id);
    expect(await providersRequest(id)).toMatchObject({
      source_addr: 'Custom Company',
      destination_addr: '380671234567',
      message_type: 106,
      source_type: 2,
      text,
    });
  });

  it('sends a picture with a button', async () => {
    const id = await sendBy(client, {
      ...message,
      messageType: 108,
      sourceType: 1,
      image: 'https://shop.example/spring.jpg?a=1&b=2',
      buttonCaption: 'Join us',
      buttonAction: 'https://shop.example/join',
    });
    expect(await providersRequest(id)).toMatchObject({
      message_type: 108,
      source_type: 1,
      image: 'https://shop.example/spring.jpg?a=1&b=2',
      button_caption: 'Join us',
      button_action: 'https://shop.example/join',
    });
  });

  it('leaves unset what the account has a default for', async () => {
    const id = await sendBy(client, { receiver: '380671234567', text: 'Hello' });
    expect(await providersRequest(id)).toMatchObject({
      source_addr: 'Tyrian',
      message_type: 106,
      source_type: 2,
    });
  });

  it('hears which parameter is wrong', async () => {
    await expect(sendBy(client, { ...message, receiver: '12' })).rejects.toMatchObject({
      errorName: 'Invalid Parameter: [destination_addr]',
      message: 'Empty parameter or parameter validation error',
      code: 1,
      status: 400,
    });
    await expect(statusBy(client, 9_007_199_254_740_991)).rejects.toMatchObject({
      errorName: 'Invalid Parameter: [message_id]',
      code: 1,
      status: 400,
    });
  });

  it('hears that its key is wrong', async () => {
    const wrong = `${tenant.apiKey}x`;
    await expect(sendBy(client, message, wrong)).rejects.toThrow(ProviderClientError);
    await expect(statusBy(client, 1, wrong)).rejects.toMatchObject({
      errorName: 'Unauthorized',
      code: 0,
      status: 401,
    });
  });
});

describe('the door', () => {
  it('answers with exactly the documented keys', async () => {
    const sent = await post('send-viber', json({ destination_addr: '380671234567', text: 'Hi' }));
    expect(sent).toMatchObject({
      status: 200,
      text: expect.stringMatching(/^\{"message_id":\d+\}$/),
    });
    const { message_id } = JSON.parse(sent.text) as { message_id: number };
    const asked = await post('receive-viber', json({ message_id }));
    expect(asked.text).toMatch(new RegExp(`^\\{"message_id":${message_id},"status":\\d+\\}$`));
  });

  it('takes the sample of the early page as it stands: the type decides what is sent', async () => {
    const { text } = await post(
      'send-viber',
      json({
        source_addr: 'Custom Company',
        destination_addr: 8882222200,
        message_type: 106,
        text: 'Message content',
        image: 'https://yourdomain.com/images/image.jpg',
        button_caption: 'Join Us',
        button_action: 'https://yourdomain.com/join-us',
        source_type: 1,
        callback_url: 'https://yourdomain.com/viber-callback',
        validity_period: 3600,
      }),
    );
    const { message_id } = JSON.parse(text) as { message_id: number };
    const sent = await providersRequest(message_id);
    expect(sent).toMatchObject({
      destination_addr: '8882222200',
      message_type: 106,
      text: 'Message content',
      source_type: 1,
    });
    expect(Object.keys(sent)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/image|button/)]),
    );
  });

  it.each([
    ['base64 of the key', (key: string) => Buffer.from(key).toString('base64')],
    ['base64 of the key and a colon', (key: string) => Buffer.from(`${key}:`).toString('base64')],
    ['the key itself, taken for encoded', (key: string) => key],
    [
      'an encoded key that was encoded again',
      (key: string) => Buffer.from(Buffer.from(key).toString('base64')).toString('base64'),
    ],
  ])('knows the key as %s', async (_, form) => {
    const request = json({ destination_addr: '380671234567', text: 'Hi' });
    const headers = { ...request.headers, authorization: `Basic ${form(tenant.apiKey)}` };
    const { text } = await post('send-viber', { ...request, headers });
    expect(text).toMatch(/^\{"message_id":\d+\}$/);
  });

  it('ignores fields that it does not know, and counts them', async () => {
    const name = 'tyrian_dropin_ignored_parameters_total{why="unknown"}';
    const before = (await readMetrics(gateway)).get(name) ?? 0;
    const { text } = await post(
      'send-viber',
      json({ destination_addr: '380671234567', text: 'Hi', priority: 1, tags: ['a'] }),
    );
    expect(text).toMatch(/^\{"message_id":\d+\}$/);
    expect((await readMetrics(gateway)).get(name)).toBe(before + 2);
  });

  it.each([
    ['nothing', '', 'body'],
    ['no JSON', '{"text":', 'body'],
    ['a list', '[]', 'body'],
    ['no recipient', '{"text":"Hi"}', 'destination_addr'],
    ['no text', '{"destination_addr":"380671234567"}', 'text'],
    [
      'an unknown type',
      '{"destination_addr":"380671234567","text":"Hi","message_type":999}',
      'message_type',
    ],
    [
      'an unknown source',
      '{"destination_addr":"380671234567","text":"Hi","source_type":3}',
      'source_type',
    ],
    [
      'too short a time',
      '{"destination_addr":"380671234567","text":"Hi","validity_period":39}',
      'validity_period',
    ],
    [
      'too long a time',
      '{"destination_addr":"380671234567","text":"Hi","validity_period":21601}',
      'validity_period',
    ],
    [
      'a callback_url that is none',
      '{"destination_addr":"380671234567","text":"Hi","callback_url":"x"}',
      'callback_url',
    ],
    [
      'a picture without a button',
      '{"destination_addr":"380671234567","text":"Hi","message_type":108,"source_type":1,"image":"https://a.example/a.jpg"}',
      'button_caption',
    ],
    [
      'half a button',
      '{"destination_addr":"380671234567","text":"Hi","message_type":108,"source_type":1,"image":"https://a.example/a.jpg","button_caption":"A"}',
      'button_action',
    ],
    [
      'a text that nobody can keep',
      '{"destination_addr":"380671234567","text":"a\\u0000"}',
      'text',
    ],
    ['a text that is a list', '{"destination_addr":"380671234567","text":["Hi"]}', 'text'],
    [
      'too long a sender',
      '{"destination_addr":"380671234567","text":"Hi","source_addr":"123456789012345678901"}',
      'source_addr',
    ],
  ])('names the parameter for %s', async (_, body, parameter) => {
    const { status, text } = await post('send-viber', { ...json({}), body });
    expect({ status, body: JSON.parse(text) as unknown }).toEqual({
      status: 200,
      body: {
        name: `Invalid Parameter: [${parameter}]`,
        message: 'Empty parameter or parameter validation error',
        code: 1,
        status: 400,
      },
    });
  });

  it('makes ordinary messages: listed, read, with a timeline, found by their number', async () => {
    const id = await sendBy(providerClients[0]!, message);
    const { data } = await call<{ data: { id: string; client_reference: string }[] }>(
      gateway,
      'GET',
      `/v1/messages?client_reference=${id}`,
      { token: tenant.apiKey, expect: 200 },
    );
    expect(data).toHaveLength(1);
    const timeline = await call<{ data: { type: string }[] }>(
      gateway,
      'GET',
      `/v1/messages/${data[0]!.id}/timeline`,
      { token: tenant.apiKey, expect: 200 },
    );
    expect(timeline.data[0]).toMatchObject({ type: 'accepted' });
  });

  it('tells what became of messages in the provider’s numbers', async () => {
    const expected = { undelivered: 4, rejected: 3, error: 2, refused: 3 };
    for (const [fate, status] of Object.entries(expected)) {
      const id = await sendBy(providerClients[0]!, {
        ...message,
        receiver: recipientFor(fate),
      });
      await eventually(async () => (await statusBy(providerClients[1]!, id)).status === status, {
        what: `${fate} as ${status}`,
      });
    }
  });

  it('passes a text for an SMS through, and tells of the SMS once its end is known', async () => {
    const expected = { sms_delivered: 2, sms_expired: 3, sms_undeliverable: 5 };
    for (const [fate, smsStatus] of Object.entries(expected)) {
      const { text } = await post(
        'send-viber',
        json({
          destination_addr: recipientFor(fate),
          text: 'Hi',
          source_type: 2,
          text_sms: 'Your code is 4711',
        }),
      );
      const { message_id } = JSON.parse(text) as { message_id: number };
      const end = await eventually(async () => {
        const answer = await post('receive-viber', json({ message_id }));
        return answer.text.includes('sms_') ? answer.text : null;
      });
      expect(JSON.parse(end)).toEqual({
        message_id,
        status: 4,
        sms_message_id: message_id,
        sms_message_status: smsStatus,
      });
    }
  });

  it('names the recipient who must not be written to', async () => {
    await call(gateway, 'POST', '/v1/suppressions', {
      token: tenant.apiKey,
      body: { recipient: '+380509999999' },
      expect: 200,
    });
    const { text } = await post(
      'send-viber',
      json({ destination_addr: '380509999999', text: 'Hi' }),
    );
    expect(JSON.parse(text)).toMatchObject({ name: 'Invalid Parameter: [destination_addr]' });
  });

  it('answers a number of another tenant to the byte like one that nobody was told', async () => {
    const other = await createTenant(gateway, {}, 'Other');
    const id = await sendBy(providerClients[0]!, message);
    const foreign = await post('receive-viber', json({ message_id: id }, other.apiKey));
    const absent = await post('receive-viber', json({ message_id: 999_999_999 }, other.apiKey));
    expect(foreign).toEqual(absent);
    expect(foreign.text).toContain('Invalid Parameter: [message_id]');
  });

  it('lets a key in for what it may do alone', async () => {
    const { api_key: key } = await call<{ api_key: string }>(gateway, 'POST', '/v1/api-keys', {
      token: tenant.apiKey,
      body: { name: 'reads only', scopes: ['messages:read'] },
      expect: 201,
    });
    const refused = await post(
      'send-viber',
      json({ destination_addr: '380671234567', text: 'Hi' }, key),
    );
    expect(JSON.parse(refused.text)).toMatchObject({ name: 'Forbidden', code: 0, status: 403 });
    const id = await sendBy(providerClients[0]!, message);
    expect((await statusBy(providerClients[0]!, id, key)).messageId).toBe(id);
  });
});

describe('a callback_url', () => {
  it('hears the statuses in the provider’s shape', async () => {
    const receiver = await startCallbackReceiver();
    try {
      const id = await sendBy(providerClients[0]!, {
        ...message,
        receiver: recipientFor('late'),
        callbackUrl: receiver.url,
      });
      // No callback of the provider that is faster than its answer.
      await eventually(async () => receiver.told.length === 1);
      sandbox.clock.advance(60_000);
      await eventually(async () => receiver.told.length === 2);
      expect(receiver.told.map(({ body }) => body)).toEqual([
        `{"message_id":${id},"status":0}`,
        `{"message_id":${id},"status":1}`,
      ]);
    } finally {
      await receiver.close();
    }
  });

  it('that leads where it may not is refused by its name', async () => {
    const { text } = await post(
      'send-viber',
      json({
        destination_addr: '380671234567',
        text: 'Hi',
        callback_url: 'https://inside.example/viber',
      }),
    );
    expect(JSON.parse(text)).toMatchObject({ name: 'Invalid Parameter: [callback_url]' });
  });
});

describe('numbers', () => {
  it('are never told twice, by two processes and after a crash', async () => {
    const second = await startGateway({ database, providerUrl: sandbox.url, roles: ['api'] });
    try {
      const told: number[] = [];
      for (let round = 0; round < 20; round++) {
        for (const to of [gateway, second]) {
          const { text } = await post(
            'send-viber',
            json({ destination_addr: '380671234567', text: 'Hi' }),
            to,
          );
          told.push((JSON.parse(text) as { message_id: number }).message_id);
        }
      }
      expect(new Set(told).size).toBe(told.length);
      expect(told.every((number) => Number.isSafeInteger(number) && number > 0)).toBe(true);
      // Whoever crashes takes the rest of its block along.
      const third = await startGateway({ database, providerUrl: sandbox.url, roles: ['api'] });
      const { text } = await post(
        'send-viber',
        json({ destination_addr: '380671234567', text: 'Hi' }),
        third,
      );
      await third.close();
      expect(told).not.toContain((JSON.parse(text) as { message_id: number }).message_id);
    } finally {
      await second.close();
    }
  });
});

describe('DROPIN_HTTP_STATUS=real', () => {
  it('tells errors under their own status', async () => {
    const real = await startGateway({
      database,
      providerUrl: sandbox.url,
      roles: ['api'],
      variables: { DROPIN_HTTP_STATUS: 'real' },
    });
    try {
      expect(await post('send-viber', json({}), real)).toMatchObject({ status: 400 });
      expect(await post('send-viber', json({}, 'nobody'), real)).toMatchObject({ status: 401 });
      const sent = await post(
        'send-viber',
        json({ destination_addr: '380671234567', text: 'Hi' }),
        real,
      );
      expect(sent.status).toBe(200);
    } finally {
      await real.close();
    }
  });
});
