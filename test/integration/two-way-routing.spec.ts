import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readId } from '../../apps/gateway/src/platform/ids/index.js';
import { Reconciler } from '../../apps/gateway/src/reconciliation/reconciler.js';
import { adminToken } from '../support/configuration.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';
import { startProvider, type ProviderRequest, type TestProvider } from '../support/provider.js';
import { read, send } from '../support/steps.js';
import { callbackUrl, unknownMessage } from '../support/world.js';

interface Inbound {
  readonly id: string;
  readonly account_id: string | null;
  readonly sender: string | null;
  readonly text: string | null;
  readonly in_reply_to: string | null;
  readonly routed_by: string | null;
  readonly provider_message_token: string;
}

const number = '380671234567';

let database: TestDatabase;
let provider: TestProvider;
let gateway: TestGateway;
/** Meets every send. */
let onSend: (request: ProviderRequest) => void;
let providerId = 1_000;
let sends: ProviderRequest[] = [];
/** The URL for replies of a connection of the operator's, over which accounts of several tenants send. */
let sharedUrl: string;
let ownUrl: string;
let sharing: <T>(whileShared: () => Promise<T>) => Promise<T>;
let one: TestTenant;
let other: TestTenant;
let token = 5_741_311_803_571_721_087n;

beforeAll(async () => {
  database = await createTestDatabase();
  provider = await startProvider((request) => {
    if (!request.path.endsWith('/send-viber')) return request.answer(200, unknownMessage);
    sends.push(request);
    onSend(request);
  });
  gateway = await startGateway({ database, providerUrl: provider.url });
  one = await createTenant(gateway);
  other = await createTenant(gateway, { default_sender: 'Other' }, 'Other');
  ownUrl = await urlOf(one);
  const third = await createTenant(gateway, {}, 'Connection');
  sharedUrl = await urlOf(third);
  const owned = `id = (select connection_id from accounts where id = '${readId('acc', third.accountId)}')`;
  for (const table of ['accounts', 'lanes'])
    await database.query(
      `update ${table} set connection_id = (select id from connections where ${owned})`,
    );
  // As an operator shares one: it belongs to no tenant. Only while a reply comes, as its key was sealed for its owner.
  const [{ tenant_id: owner } = { tenant_id: '' }] = await database.query<{ tenant_id: string }>(
    `select tenant_id from connections where ${owned}`,
  );
  const own = (tenantId: string | null) =>
    database.query(`update connections set tenant_id = $1 where ${owned}`, [tenantId]);
  sharing = async (whileShared) => {
    await own(null);
    try {
      return await whileShared();
    } finally {
      await own(owner);
    }
  };
  await database.query('update connection_states set rate = 5000');
}, 60_000);

afterAll(async () => {
  await gateway?.close();
  await provider?.close();
  await database?.drop();
});

beforeEach(async () => {
  onSend = accept;
  sends = [];
  for (const table of [
    'two_way_recent',
    'inbound_messages',
    'inbound_unrouted',
    'inbound_tokens',
    'conversations',
    'outbox',
    'feed',
  ])
    await database.query(`delete from ${table}`);
});

function accept(request: ProviderRequest): void {
  providerId += 1;
  request.accept(providerId);
}

async function urlOf({ accountId, apiKey }: TestTenant): Promise<string> {
  const path = `/v1/accounts/${accountId}`;
  const account = await call<{ inbound_url: string }>(gateway, 'GET', path, {
    token: apiKey,
    expect: 200,
  });
  return account.inbound_url;
}

async function count(from: string): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    `select count(*)::int as count from ${from}`,
  );
  return row?.count ?? -1;
}

/** How often tenants were told of a reply, whether or not it was relayed yet. */
async function told(): Promise<number> {
  const of = `where type = 'inbound.received'`;
  return count(`(select id from outbox ${of} union select id from feed ${of}) as told`);
}

async function sendFrom(tenant: TestTenant, message: object = {}): Promise<string> {
  const id = await send(gateway, tenant, { two_way: true, ...message });
  await eventually(
    async () => !['queued', 'sending'].includes((await read(gateway, tenant, id)).status),
    { withinMs: 10_000, what: 'a message that was sent' },
  );
  return id;
}

/** What the provider tells of a reply; gives its token. */
async function reply(
  url: string,
  change: Record<string, unknown> = {},
  tracking?: string,
): Promise<string> {
  token += 1n;
  const given = { token, text: 'Yes', phone_number: number, ...change };
  const body =
    `{"message_token":${given.token},"phone_number":"${given.phone_number}","time":1500000000,"message":` +
    JSON.stringify({ text: given.text, ...(tracking ? { tracking_data: tracking } : {}) }) +
    '}';
  expect(await (url === sharedUrl ? sharing(() => post(url, body)) : post(url, body))).toBe(200);
  return String(given.token);
}

async function post(url: string, body: string): Promise<number> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body });
  await response.arrayBuffer();
  return response.status;
}

async function inboundOf({ apiKey }: TestTenant): Promise<Inbound[]> {
  const { data } = await call<{ data: Inbound[] }>(gateway, 'GET', '/v1/inbound-messages', {
    token: apiKey,
    expect: 200,
  });
  return data;
}

async function unrouted(): Promise<Record<string, unknown>[]> {
  const { data } = await call<{ data: Record<string, unknown>[] }>(
    gateway,
    'GET',
    '/admin/inbound-unrouted',
    { token: adminToken, expect: 200 },
  );
  return data;
}

describe('a reply over a connection that belongs to no tenant', () => {
  it('is that to the message that its tracking data name', async () => {
    const mine = await sendFrom(one);
    await sendFrom(other);
    const tracking = String(sends.at(-2)?.body['tracking_data']);
    const came = await reply(sharedUrl, {}, tracking);
    expect(await inboundOf(other)).toEqual([]);
    expect(await inboundOf(one)).toMatchObject([
      {
        in_reply_to: mine,
        account_id: one.accountId,
        sender: 'Tyrian',
        routed_by: 'tracking_data',
        provider_message_token: came,
      },
    ]);
  });

  it('may name it by the provider’s id, where the message went to that number', async () => {
    const mine = await sendFrom(one);
    await reply(sharedUrl, { phone_number: '380501112233' }, `tracking_id:${providerId}`);
    await reply(sharedUrl, {}, `tracking_id:${providerId}`);
    expect(await inboundOf(one)).toMatchObject([{ in_reply_to: mine, routed_by: 'tracking_data' }]);
    expect(await unrouted()).toMatchObject([{ phone_number: '+380501112233', tenant_id: null }]);
  });

  it('is else one to the last two-way message that went to its number', async () => {
    await sendFrom(one);
    const last = await sendFrom(other);
    await sendFrom(one, { two_way: false });
    await reply(sharedUrl);
    expect(await inboundOf(one)).toEqual([]);
    expect(await inboundOf(other)).toMatchObject([
      { in_reply_to: last, account_id: other.accountId, sender: 'Other', routed_by: 'recent' },
    ]);
  });

  it('is one to a message of which nobody knows whether it was sent', async () => {
    onSend = (request) => request.answer(500, '{}');
    const sent = await sendFrom(one);
    await reply(sharedUrl);
    expect(await inboundOf(one)).toMatchObject([{ in_reply_to: sent, routed_by: 'recent' }]);
  });

  it('is nobody’s after seven days, and the trace goes', async () => {
    await sendFrom(one);
    await database.query(`update two_way_recent set sent_at = sent_at - interval '7 days'`);
    await reply(sharedUrl);
    expect(await inboundOf(one)).toEqual([]);
    expect(await unrouted()).toHaveLength(1);
    await dropOldRows();
    expect(await count('two_way_recent')).toBe(0);
  });

  it('stays one reply, of whom it was first found to be, when its callback comes again', async () => {
    await sendFrom(one);
    const came = await reply(sharedUrl);
    await sendFrom(other);
    await reply(sharedUrl, { token: came });
    expect(await inboundOf(one)).toHaveLength(1);
    expect(await inboundOf(other)).toEqual([]);
    expect(await database.query('select times from inbound_tokens')).toEqual([{ times: 2 }]);
  });

  it('stays with the operator when its callback comes again after a message', async () => {
    const came = await reply(sharedUrl);
    await sendFrom(other);
    await reply(sharedUrl, { token: came });
    expect(await inboundOf(other)).toEqual([]);
    expect(await unrouted()).toHaveLength(1);
  });

  it('makes one inbound message of callbacks that come at the same time', async () => {
    await sendFrom(one);
    const body = `{"message_token":9223372036854775809,"phone_number":"${number}","message":{"text":"Yes"}}`;
    const answers = await sharing(() =>
      Promise.all(Array.from({ length: 12 }, () => post(sharedUrl, body))),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(await inboundOf(one)).toHaveLength(1);
    expect(await told()).toBe(1);
  });
});

describe('a reply at a message’s own URL', () => {
  it('is one to that message, whatever else it says', async () => {
    const first = await sendFrom(one);
    const url = callbackUrl(sends.at(-1));
    await sendFrom(other);
    const tracking = String(sends.at(-1)?.body['tracking_data']);
    await reply(url, {}, tracking);
    expect(await inboundOf(one)).toMatchObject([{ in_reply_to: first, routed_by: 'callback_url' }]);
    expect(await inboundOf(other)).toEqual([]);
  });
});

describe('inbound.received', () => {
  it('is written with the reply, and holds it as the API shows it', async () => {
    await sendFrom(one);
    await reply(sharedUrl, { text: 'It’s 5 o’clock 👋' });
    const [shown] = await inboundOf(one);
    const events = await eventuallyRows(
      `select account_id, message_id, snapshot from feed where type = 'inbound.received'`,
    );
    expect(events).toEqual([
      { account_id: readId('acc', one.accountId), message_id: null, snapshot: shown },
    ]);
  });
});

describe('an unrouted reply', () => {
  it('is assigned by an operator, and told to its tenant then', async () => {
    await reply(sharedUrl);
    const [waiting] = await unrouted();
    expect(waiting).toMatchObject({ text: 'Yes', tenant_id: null, phone_number: `+${number}` });
    expect(await told()).toBe(0);
    await assign(waiting, { tenant_id: other.id, account_id: other.accountId }, 204);
    expect(await unrouted()).toEqual([]);
    expect(await inboundOf(other)).toMatchObject([
      { id: waiting?.['id'], account_id: other.accountId, sender: 'Other', routed_by: 'operator' },
    ]);
    expect(await told()).toBe(1);
    await assign(waiting, { tenant_id: other.id, account_id: other.accountId }, 404);
    expect(await count(`audit_log where action = 'inbound_message.assigned'`)).toBeGreaterThan(0);
  });

  it('is assigned to an account of the tenant alone', async () => {
    await reply(sharedUrl);
    const [waiting] = await unrouted();
    await assign(waiting, { tenant_id: other.id, account_id: one.accountId }, 422);
    await assign(waiting, { tenant_id: 'x', account_id: one.accountId }, 400);
    expect(await unrouted()).toHaveLength(1);
  });

  it('over a tenant’s own connection is read by the tenant, and stays the tenant’s', async () => {
    await reply(ownUrl);
    const [waiting] = await unrouted();
    expect(waiting).toMatchObject({ tenant_id: one.id, text: null, phone_number: `+${number}` });
    expect(await inboundOf(one)).toMatchObject([
      { text: 'Yes', account_id: null, routed_by: null, in_reply_to: null },
    ]);
    expect(await told()).toBe(1);
    await assign(waiting, { tenant_id: other.id, account_id: other.accountId }, 422);
    await assign(waiting, { tenant_id: one.id, account_id: one.accountId }, 204);
    expect(await inboundOf(one)).toMatchObject([
      { account_id: one.accountId, sender: 'Tyrian', routed_by: 'operator' },
    ]);
    expect(await unrouted()).toEqual([]);
    expect(await told()).toBe(1);
  });

  it('is listed page by page, newest first', async () => {
    for (const url of [sharedUrl, ownUrl, sharedUrl]) await reply(url);
    const all = await unrouted();
    const page = (query: string) =>
      call<{ data: unknown[]; next_cursor: string | null }>(
        gateway,
        'GET',
        `/admin/inbound-unrouted?limit=2${query}`,
        { token: adminToken, expect: 200 },
      );
    const first = await page('');
    const second = await page(`&cursor=${first.next_cursor}`);
    expect([...first.data, ...second.data]).toEqual(all);
    expect(second.next_cursor).toBeNull();
  });

  it('is forgotten when nobody has assigned it for as long as messages are kept', async () => {
    await reply(sharedUrl);
    await database.query(
      `update inbound_unrouted set received_at = received_at - interval '10 years'`,
    );
    await database.query(
      `update inbound_tokens set received_at = received_at - interval '31 days'`,
    );
    await dropOldRows();
    expect(await count('inbound_unrouted')).toBe(0);
    expect(await count('inbound_tokens')).toBe(0);
  });
});

async function assign(
  waiting: Record<string, unknown> | undefined,
  body: object,
  status: number,
): Promise<void> {
  await call(gateway, 'POST', `/admin/inbound-unrouted/${String(waiting?.['id'])}/assign`, {
    token: adminToken,
    body,
    expect: status,
  });
}

async function eventuallyRows(text: string): Promise<Record<string, unknown>[]> {
  let rows: Record<string, unknown>[] = [];
  await eventually(async () => (rows = await database.query(text)).length > 0);
  return rows;
}

async function dropOldRows(): Promise<void> {
  await gateway.get(Reconciler).dropOldRows();
}
