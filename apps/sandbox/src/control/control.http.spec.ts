import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSandbox, fates, recipientFor } from '../sandbox.js';
import type { Sandbox } from '../sandbox.js';
import { startCallbackReceiver } from '../testing/callback-receiver.js';
import type { CallbackReceiver } from '../testing/callback-receiver.js';
import { aSend, SandboxClient } from '../testing/client.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let sandbox: Sandbox;
let receiver: CallbackReceiver;
let client: SandboxClient;

beforeAll(async () => {
  receiver = await startCallbackReceiver();
  sandbox = await createSandbox({ port: 0, deliveryMs: 10 });
  client = new SandboxClient(sandbox.url);
});

beforeEach(() => {
  sandbox.reset();
  receiver.received.length = 0;
});

afterAll(async () => {
  await client.close();
  await sandbox.close();
  await receiver.close();
});

const send = async (changes: Record<string, unknown> = {}) =>
  JSON.parse((await client.send(aSend(changes))).text).message_id as number;

describe('/sandbox/journal', () => {
  it('is NDJSON by default, in pages', async () => {
    for (let n = 0; n < 5; n++) await send();
    const page = await client.call('GET', '/sandbox/journal?limit=3');
    const seqs = page.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).seq);
    expect(page.headers['content-type']).toBe('application/x-ndjson');
    expect(page.headers['x-journal-first-seq']).toBe(String(seqs[0]));
    const after = String(page.headers['x-journal-next-after']);
    expect(after).toBe(String(seqs[0] + 2));
    const rest = await client.call('GET', `/sandbox/journal?after=${after}`);
    expect(rest.text.trimEnd().split('\n')).toHaveLength(3);
  });

  it('is one JSON document when asked for, and filtered', async () => {
    await send({ destination_addr: '380500000001' });
    await send({ destination_addr: '380500000002' });
    const { json } = await client.control(
      'GET',
      '/journal?format=json&kind=send&recipient=380500000002',
    );
    expect(json.data).toMatchObject([{ recipient: '380500000002', kind: 'send' }]);
    expect(json.next_after).toBe(json.data[0].seq);
  });
});

describe('/sandbox/messages', () => {
  it('tells the truth about each message', async () => {
    const id = await send({
      destination_addr: recipientFor('no_callback', 1),
      callback_url: `${receiver.url}/m`,
      message_type: 206,
    });
    sandbox.clock.advance(1_000);
    const { json } = await client.control('GET', '/messages');
    expect(json).toMatchObject({
      data: [
        {
          id: String(id),
          key: 'KEY',
          recipient: recipientFor('no_callback', 1),
          fate: 'no_callback',
          status: 1,
          callback_url: `${receiver.url}/m`,
          two_way: true,
          history: [{ status: 0 }, { status: 1 }],
        },
      ],
      next_after: null,
    });
  });

  it('comes in pages', async () => {
    const ids = [await send(), await send(), await send()].map(String);
    const first = (await client.control('GET', '/messages?limit=2')).json;
    expect(first.next_after).toBe(ids[1]);
    const second = (await client.control('GET', `/messages?limit=2&after=${ids[1]}`)).json;
    expect(second.data.map(({ id }: { id: string }) => id)).toEqual([ids[2]]);
    expect(second.next_after).toBeNull();
  });
});

describe('/sandbox/keys', () => {
  it.each(['PUT', 'POST'] as const)('are set by %s and read', async (method) => {
    const key = encodeURIComponent('a/b+c=');
    const { status, json } = await client.control(method, `/keys/${key}`, { limit: 5, balance: 3 });
    expect(status).toBe(200);
    expect(json).toMatchObject({ key: 'a/b+c=', limit: 5, balance: 3 });
    expect((await client.control('GET', `/keys/${key}`)).json).toEqual(json);
    expect(sandbox.keys.settings('a/b+c=').limit).toBe(5);
  });

  it('lose a limit that is set to null', async () => {
    await client.control('PUT', '/keys/KEY', { limit: 1, balance: 0 });
    expect(await send()).toBeUndefined();
    await client.control('PUT', '/keys/KEY', { limit: null, balance: null });
    expect(await send()).toBeDefined();
    expect(await send()).toBeDefined();
  });
});

describe('/sandbox/inbound', () => {
  const inbound = (body: Record<string, unknown>) =>
    client.control('POST', '/inbound', { phone_number: '380501112233', text: 'Hello', ...body });

  it('sends a message to the callback_url of the newest message to the number', async () => {
    const id = await send({ message_type: 206, callback_url: `${receiver.url}/newest` });
    const { json } = await inbound({});
    const reply = (await receiver.waitFor('/newest', 2)).find(({ body }) => body.includes('text'))!;
    expect(reply.body).toContain(`"message_token":${json.message_token},`);
    expect(JSON.parse(reply.body)).toMatchObject({
      phone_number: '380501112233',
      message: { text: 'Hello', tracking_data: `tracking_id:${id}` },
    });
    expect(String(JSON.parse(reply.body).time)).toMatch(/^\d{10}$/);
    // It is written down when the answer has come back, which is after the receiver gave it.
    const journalled = () => sandbox.journal.entries({ kind: 'inbound' });
    for (let turn = 0; journalled().length === 0 && turn < 500; turn++) await pause(5);
    expect(journalled()).toMatchObject([
      { message_id: json.message_token, recipient: '380501112233', decision: 'answered' },
    ]);
  });

  it('sends to the URL of the key, or to the one given, with tracking data and unit as given', async () => {
    await client.control('PUT', '/keys/KEY', { inbound_url: `${receiver.url}/of-key` });
    await inbound({ key: 'KEY', tracking_data: null });
    const [first] = await receiver.waitFor('/of-key', 1);
    expect(JSON.parse(first!.body).message).toEqual({ text: 'Hello' });
    await inbound({ url: `${receiver.url}/given`, tracking_data: 'mine', time_unit: 'ms' });
    const [second] = await receiver.waitFor('/given', 1);
    expect(JSON.parse(second!.body).message.tracking_data).toBe('mine');
    expect(String(JSON.parse(second!.body).time)).toMatch(/^\d{13}$/);
  });

  it('repeats the tracking data that the message was sent with', async () => {
    await send({ message_type: 206, callback_url: `${receiver.url}/t`, tracking_data: 'order 7' });
    await inbound({});
    const reply = (await receiver.waitFor('/t', 2)).find(({ body }) => body.includes('text'))!;
    expect(JSON.parse(reply.body).message.tracking_data).toBe('order 7');
  });

  it('says so when there is nowhere to send it', async () => {
    const { status, json } = await inbound({});
    expect(status).toBe(400);
    expect(json.message).toContain('nowhere to send it');
  });
});

describe('/sandbox/clock', () => {
  it('moves time forward and does what became due', async () => {
    await send({ destination_addr: recipientFor('late'), callback_url: `${receiver.url}/late` });
    const before = Date.parse((await client.control('GET', '/clock')).json.now);
    const { json } = await client.control('POST', '/clock/advance', { seconds: 60 });
    expect(json).toMatchObject({ became_due: 1, planned: 0 });
    expect(Date.parse(json.now) - before).toBeGreaterThanOrEqual(60_000);
    await receiver.waitFor('/late', 1);
  });
});

describe('/sandbox/faults and /sandbox/reset', () => {
  it('lists what is set, and forgets all of it at a reset', async () => {
    await client.control('POST', '/faults', { fault: 'reset_before', rate: 0.01, key: 'KEY' });
    const { json } = await client.control('GET', '/faults');
    expect(json.data).toEqual([
      {
        fault: 'reset_before',
        rate: 0.01,
        key: 'KEY',
        on: 'both',
        http_status: null,
        remaining: null,
      },
    ]);
    await client.control('DELETE', '/faults');
    expect(sandbox.faults.active).toEqual([]);

    await client.control('POST', '/faults', { fault: 'refused', count: 5 });
    await send();
    await client.control('PUT', '/keys/KEY', { unauthorised: true });
    await client.control('POST', '/clock/advance', { seconds: 3600 });
    const reset = await client.control('POST', '/reset');
    expect(reset.json).toMatchObject({ messages: 0, planned: 0, faults: [] });
    expect(Math.abs(Date.parse(reset.json.now) - Date.now())).toBeLessThan(5_000);
    expect(await send()).toBeDefined();
  });
});

describe('the control routes', () => {
  it('list the fates', async () => {
    const { json } = await client.control('GET', '/fates');
    expect(json.data).toHaveLength(fates.length);
    expect(json.data[1]).toEqual({
      name: 'undelivered',
      code: '01',
      description: 'undelivered (4)',
    });
  });

  it.each([
    ['POST', '/faults', { fault: 'bad_luck' }, 'fault must be one of'],
    ['POST', '/faults', { fault: 'refused', rate: 2 }, 'rate must not be greater than 1'],
    ['POST', '/faults', { fault: 'refused', on: 'callback' }, 'on must be one of'],
    [
      'POST',
      '/faults',
      { fault: 'refused', probability: 1 },
      'property probability should not exist',
    ],
    ['PUT', '/keys/K', { limit: 0 }, 'limit must be a positive number'],
    ['PUT', '/keys/K', { inbound_url: 'inbound' }, 'inbound_url must be a URL address'],
    [
      'POST',
      '/inbound',
      { text: 'x', phone_number: '+380' },
      'phone_number must be 1 to 20 digits',
    ],
    ['POST', '/clock/advance', { seconds: -1 }, 'seconds must not be less than 0'],
    ['POST', '/clock/advance', {}, 'Say by how much'],
    ['POST', '/reset', { seed: 7 }, 'seed must be a string'],
    ['GET', '/journal?limit=0', undefined, 'limit must not be less than 1'],
    ['GET', '/journal?kind=sends', undefined, 'kind must be one of'],
    ['GET', '/messages?order=desc', undefined, 'property order should not exist'],
  ] as const)('refuse %s %s %j with a sentence', async (method, path, body, sentence) => {
    const { status, json } = await client.control(method, path, body);
    expect(status).toBe(400);
    expect([json.message].flat().join()).toContain(sentence);
  });

  it('answer 404 in JSON for a route that is none, and keep it out of the journal', async () => {
    const { status, json } = await client.control('GET', '/jurnal');
    expect([status, json.message]).toEqual([404, 'Not Found']);
    expect(sandbox.journal.entries({ kind: 'other' })).toEqual([]);
  });
});
