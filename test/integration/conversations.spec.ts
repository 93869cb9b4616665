import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { call, createTenant, type TestTenant } from '../support/gateway.js';
import { send } from '../support/steps.js';
import { World } from '../support/world.js';

const number = '380671234567';

interface Conversation {
  readonly id: string;
  readonly recipient: string;
  readonly sender: string;
  readonly account_id: string;
  readonly last_inbound_message_id: string;
}

interface Entry {
  readonly direction: 'outbound' | 'inbound';
  readonly message: { id: string; text: string } | null;
  readonly inbound_message: { id: string; text: string } | null;
}

interface Page<Row> {
  readonly data: Row[];
  readonly next_cursor: string | null;
}

let world: World;
let inboundUrl: string;
let token = 100;

beforeAll(async () => {
  world = await World.start();
  const account = await get<{ inbound_url: string }>(`/v1/accounts/${world.tenant.accountId}`);
  inboundUrl = account.inbound_url;
}, 60_000);

afterAll(async () => {
  await world?.close();
});

beforeEach(async () => {
  for (const table of [
    'outgoing',
    'messages',
    'conversations',
    'inbound_messages',
    'inbound_tokens',
    'idempotency_keys',
  ])
    await world.database.query(`delete from ${table}`);
});

function get<Body>(
  path: string,
  { status = 200, apiKey = world.tenant.apiKey } = {},
): Promise<Body> {
  return call<Body>(world.steps.gateway, 'GET', path, { token: apiKey, expect: status });
}

function write(text: string, message: object = {}): Promise<string> {
  return send(world.steps.gateway, world.tenant, {
    account_id: world.tenant.accountId,
    two_way: true,
    text,
    ...message,
  });
}

/** A reply to a message of ours. */
async function reply(text: string, to: string, from = number): Promise<void> {
  token += 1;
  const message = { text, tracking_data: `tracking_id:${to}` };
  const response = await fetch(inboundUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message_token: token, phone_number: from, message }),
  });
  expect(response.status).toBe(200);
}

async function conversations(query = ''): Promise<Conversation[]> {
  return (await get<Page<Conversation>>(`/v1/conversations${query}`)).data;
}

async function answer(
  id: string,
  body: object,
  key?: string,
): Promise<{ status: number; text: string; body: Record<string, unknown>; isReplay: boolean }> {
  const response = await fetch(`${world.steps.gateway.url}/v1/conversations/${id}/replies`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${world.tenant.apiKey}`,
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  const isReplay = response.headers.get('idempotent-replayed') === 'true';
  return {
    status: response.status,
    text,
    body: JSON.parse(text) as Record<string, unknown>,
    isReplay,
  };
}

const textsOf = (entries: readonly Entry[]) =>
  entries.map(({ direction, message, inbound_message }) => [
    direction,
    message?.text ?? inbound_message?.text,
  ]);

describe('a conversation', () => {
  it('begins with the first reply, and holds both directions in their order', async () => {
    const first = await write('One');
    expect(await conversations()).toEqual([]);
    await reply('Two', first);
    await write('Three', { two_way: false });
    await write('To somebody else', { recipient: '+380501112233' });
    await write('From somebody else', { sender: 'Other' });
    await reply('Four', first);
    const [conversation, ...others] = await conversations();
    expect(others).toEqual([]);
    expect(conversation).toMatchObject({
      recipient: `+${number}`,
      sender: 'Tyrian',
      account_id: world.tenant.accountId,
    });
    const { data } = await get<Page<Entry>>(`/v1/conversations/${conversation?.id}/messages`);
    expect(textsOf(data)).toEqual([
      ['inbound', 'Four'],
      ['outbound', 'Three'],
      ['inbound', 'Two'],
      ['outbound', 'One'],
    ]);
    expect(data[0]?.inbound_message).toMatchObject({
      id: conversation?.last_inbound_message_id,
      conversation_id: conversation?.id,
      in_reply_to: first,
    });
    expect(data[3]?.message).toEqual(await get(`/v1/messages/${first}`));
    expect(await get(`/v1/conversations/${conversation?.id}`)).toEqual(conversation);
  });

  it('is read page by page, through what others wrote to the number as well', async () => {
    const first = await write('0');
    for (let n = 1; n <= 6; n += 1)
      await (n % 2 === 0 ? write(String(n)) : reply(String(n), first));
    for (let n = 0; n < 3; n += 1) await write('Noise', { sender: 'Other' });
    const [conversation] = await conversations();
    const texts: unknown[] = [];
    let cursor = '';
    do {
      const page = await get<Page<Entry>>(
        `/v1/conversations/${conversation?.id}/messages?limit=2${cursor}`,
      );
      texts.push(...textsOf(page.data).map(([, text]) => text));
      cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
    } while (cursor !== '');
    expect(texts).toEqual(['6', '5', '4', '3', '2', '1', '0']);
  });

  it('is one for each recipient and sender, the one with the newest reply first', async () => {
    const one = await write('a');
    const two = await write('b', { sender: 'Other' });
    const three = await write('c', { recipient: '+380501112233' });
    await reply('1', one);
    await reply('2', two);
    await reply('3', three, '380501112233');
    await reply('4', one);
    const all = await conversations();
    expect(all.map(({ recipient, sender }) => [recipient, sender])).toEqual([
      [`+${number}`, 'Tyrian'],
      ['+380501112233', 'Tyrian'],
      [`+${number}`, 'Other'],
    ]);
    expect(await conversations('?sender=Other')).toEqual([all[2]]);
    expect(await conversations('?recipient=380501112233')).toEqual([all[1]]);
    expect(await conversations(`?account_id=${world.tenant.accountId}`)).toEqual(all);
    const first = await get<Page<Conversation>>('/v1/conversations?limit=2');
    const second = await get<Page<Conversation>>(
      `/v1/conversations?limit=2&cursor=${first.next_cursor}`,
    );
    expect([...first.data, ...second.data]).toEqual(all);
    expect(second.next_cursor).toBeNull();
    await get(`/v1/conversations?sender=Other&cursor=${first.next_cursor}`, { status: 400 });
  });

  it('is the tenant’s alone, and that of keys which may use its account', async () => {
    await reply('Hello', await write('Hi'));
    const [conversation] = await conversations();
    const path = `/v1/conversations/${conversation?.id}`;
    const other = await createTenant(world.steps.gateway, {}, 'Other');
    for (const apiKey of [other.apiKey, await restrictedTo('another', world.tenant)]) {
      for (const place of [path, `${path}/messages`]) await get(place, { status: 404, apiKey });
      expect(await get('/v1/conversations', { apiKey })).toMatchObject({ data: [] });
    }
    const mine = await restrictedTo('own', world.tenant);
    expect(await get(path, { apiKey: mine })).toEqual(conversation);
  });
});

describe('an answer in a conversation', () => {
  it('is a two-way message of its sender to its recipient, over the account of the newest reply', async () => {
    await reply('Hello', await write('Hi', { sender: 'Other' }));
    const [conversation] = await conversations();
    const { status, body } = await answer(conversation!.id, { text: 'How can we help?' });
    expect({ status, body }).toMatchObject({
      status: 202,
      body: {
        recipient: `+${number}`,
        sender: 'Other',
        account_id: world.tenant.accountId,
        two_way: true,
        text: 'How can we help?',
        status: 'queued',
      },
    });
    expect(await world.count('outgoing')).toBe(2);
  });

  it('is sent once under its key, whatever is replied in between', async () => {
    const first = await write('Hi');
    await reply('Hello', first);
    const [conversation] = await conversations();
    const sent = await answer(conversation!.id, { text: 'Yes' }, 'k');
    await reply('Are you there?', first);
    const again = await answer(conversation!.id, { text: 'Yes' }, 'k');
    expect(again).toMatchObject({ status: 202, isReplay: true, text: sent.text });
    expect(await answer(conversation!.id, { text: 'No' }, 'k')).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    await reply('Hello', await write('Hi', { sender: 'Other' }));
    const [other] = await conversations('?sender=Other');
    expect(await answer(other!.id, { text: 'Yes' }, 'k')).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
  });

  it.each([
    [{ text: 'x', recipient: '+380501112233' }, '/recipient', 'unknown_field'],
    [{ text: 'x', sender: 'Other' }, '/sender', 'unknown_field'],
    [{ text: '' }, '/text', 'invalid_length'],
  ])('is refused where it is not right: %j', async (body, pointer, code) => {
    await reply('Hello', await write('Hi'));
    const [conversation] = await conversations();
    expect(await answer(conversation!.id, body)).toMatchObject({
      status: 400,
      body: { errors: [{ pointer, code }] },
    });
  });

  it('needs a conversation', async () => {
    const absent = 'cnv_01jf8z5v3we2r9n6k4q7t0xyzb';
    expect((await answer(absent, { text: 'x' })).status).toBe(404);
    expect((await answer('cnv_x', { text: 'x' })).status).toBe(404);
  });
});

/** A key of the tenant for its account, or for one more that has no conversation. */
async function restrictedTo(which: 'own' | 'another', tenant: TestTenant): Promise<string> {
  let { accountId } = tenant;
  if (which === 'another') {
    const account = await call<{ id: string }>(world.steps.gateway, 'POST', '/v1/accounts', {
      token: tenant.apiKey,
      body: { name: 'Another', provider_key: 'another-key' },
      expect: 201,
    });
    accountId = account.id;
  }
  const made = await call<{ api_key: string }>(world.steps.gateway, 'POST', '/v1/api-keys', {
    token: tenant.apiKey,
    body: { name: which, scopes: ['*'], account_ids: [accountId] },
    expect: 201,
  });
  return made.api_key;
}
