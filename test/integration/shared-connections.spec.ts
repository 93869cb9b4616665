import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Database } from '../../apps/gateway/src/platform/database/index.js';
import { readId } from '../../apps/gateway/src/platform/ids/index.js';
import { createSandbox, recipientFor, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { adminToken } from '../support/configuration.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
} from '../support/gateway.js';

// Bodies of any shape: the expectations say what they hold.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = Record<string, any>;

let database: TestDatabase;
let sandbox: Sandbox;
let gateway: TestGateway;

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await createSandbox({ port: 0, deliveryMs: 20 });
  gateway = await startGateway({ database, providerUrl: sandbox.url });
}, 60_000);

afterAll(async () => {
  await gateway?.close();
  await sandbox?.close();
  await database?.drop();
});

interface Options {
  readonly body?: unknown;
  readonly expect?: number;
}

const as =
  (token: string) =>
  (method: string, path: string, options: Options = {}): Promise<Json> =>
    call<Json>(gateway, method, path, { token, ...options });

const operator = as(adminToken);

function newConnection(settings: Json = {}): Promise<Json> {
  const body = { name: 'Contract', provider_key: randomUUID(), ...settings };
  return operator('POST', '/admin/connections', { body, expect: 201 });
}

/** A tenant with nothing but an account on a connection of the operator's. */
async function managed(connectionId: string, settings: Json = {}) {
  const tenant = await operator('POST', '/admin/tenants', {
    body: { name: 'Customer' },
    expect: 201,
  });
  const accounts = `/admin/tenants/${tenant.id}/accounts`;
  const account = await operator('POST', accounts, {
    body: {
      connection_id: connectionId,
      name: 'Managed',
      senders: ['Acme'],
      default_category: 'transactional',
      ...settings,
    },
    expect: 201,
  });
  return { id: tenant.id as string, account, accounts, request: as(tenant.api_key) };
}

function message(fields: Json = {}): Json {
  return { sender: 'Acme', recipient: `+${recipientFor('delivered', 1)}`, text: 'Hi', ...fields };
}

describe('an account on a shared connection', () => {
  it('sends for its tenant, who sees neither the key nor a URL that others share', async () => {
    const key = randomUUID();
    const connection = await newConnection({ provider_key: key, max_per_second: 50 });
    const { id, account, request } = await managed(connection.id, { weight: 3 });
    expect(account).toMatchObject({ tenant_id: id, managed: true, weight: 3, senders: ['Acme'] });
    const { data } = await request('GET', '/v1/accounts', { expect: 200 });
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({
      id: account.id,
      connection_id: connection.id,
      managed: true,
      inbound_url: null,
      state: 'active',
    });
    expect(connection.inbound_url).toContain('/callbacks/viber/i/');
    expect(JSON.stringify(data)).not.toContain(key);
    const sent = await request('POST', '/v1/messages', { body: message(), expect: 202 });
    await eventually(
      async () => (await request('GET', `/v1/messages/${sent.id}`)).status === 'delivered',
      { what: 'delivery' },
    );
  });

  it('takes the listed senders and no others, also where there is a default', async () => {
    const { id: connection } = await newConnection();
    const { accounts, request } = await managed(connection, { default_sender: 'Acme' });
    await request('POST', '/v1/messages', { body: message({ sender: undefined }), expect: 202 });
    const refused = await request('POST', '/v1/messages', {
      body: message({ sender: 'Bank' }),
      expect: 422,
    });
    expect(refused).toMatchObject({
      code: 'sender_not_allowed',
      errors: [{ pointer: '/sender' }],
    });
    const body = { connection_id: connection, name: 'Without', senders: [] };
    expect(await operator('POST', accounts, { body, expect: 400 })).toMatchObject({
      errors: [{ pointer: '/senders' }],
    });
  });

  it('is not changed, given another key or deleted by its tenant, who may hold it', async () => {
    const { id: connection } = await newConnection();
    const { account, request } = await managed(connection);
    const path = `/v1/accounts/${account.id}`;
    for (const [method, at, body] of [
      ['PATCH', path, { senders: ['Bank'] }],
      ['POST', `${path}/rotate-provider-key`, { provider_key: 'mine' }],
      ['DELETE', path, undefined],
      ['DELETE', `${path}?force=true`, undefined],
    ] as const) {
      expect(await request(method, at, { body, expect: 409 })).toMatchObject({
        code: 'account_managed',
      });
    }
    expect(await request('POST', `${path}/pause`, { expect: 200 })).toMatchObject({
      state: 'paused',
    });
    expect(await request('POST', `${path}/resume`, { expect: 200 })).toMatchObject({
      state: 'active',
      senders: ['Acme'],
    });
  });

  it('is behind a second wall in the database, against its own tenant too', async () => {
    const { id: connection } = await newConnection();
    const { id, account } = await managed(connection);
    const [tenantId, accountId] = [readId('ten', id)!, readId('acc', account.id)!];
    const connectionId = readId('con', connection)!;
    const run = (sql: string, parameters: unknown[]) =>
      gateway
        .get(Database)
        .transaction('reads', { role: 'tenant', tenantId }, (tx) =>
          tx.query<Json>(sql, parameters),
        );
    expect(await run('select name from connections', [])).toHaveLength(1);
    expect(await run('select rate from connection_states', [])).toHaveLength(1);
    await expect(run('select sealed_key from connections', [])).rejects.toThrow(/denied/);
    for (const [table, column] of [
      ['accounts', 'name'],
      ['connections', 'name'],
      ['connection_states', 'updated_at'],
    ]) {
      const changed = `update ${table} set ${column} = ${column} returning 1`;
      expect(await run(changed, [])).toEqual([]);
    }
    await expect(run('update lanes set weight = 1000', [])).rejects.toThrow(/denied/);
    const another =
      'insert into accounts (tenant_id, id, connection_id, name) values ($1, $2, $3, $4)';
    await expect(run(another, [tenantId, randomUUID(), connectionId, 'x'])).rejects.toThrow(
      /row-level security/,
    );
    const lane = 'insert into lanes (tenant_id, account_id, connection_id) values ($1, $2, $3)';
    await expect(run(lane, [tenantId, accountId, randomUUID()])).rejects.toThrow(
      /row-level security/,
    );
    const stranger = await createTenant(gateway);
    const seen = await gateway
      .get(Database)
      .transaction('reads', { role: 'tenant', tenantId: readId('ten', stranger.id)! }, (tx) =>
        tx.query('select id from connections where id = $1', [connectionId]),
      );
    expect(seen).toEqual([]);
  });

  it('is changed and deleted by the operator, and what is queued is not lost by the way', async () => {
    const { id: connection } = await newConnection();
    const { account, accounts, request } = await managed(connection);
    const path = `${accounts}/${account.id}`;
    await operator('POST', `/admin/lanes/${account.id}/pause`, { expect: 200 });
    const queued = await request('POST', '/v1/messages', { body: message(), expect: 202 });
    const changes = { senders: ['Acme', 'Acme Shop'], weight: 7, default_sender: 'Acme Shop' };
    expect(await operator('PATCH', path, { body: changes, expect: 200 })).toMatchObject(changes);
    expect(await operator('GET', `/admin/lanes/${account.id}`)).toMatchObject({ weight: 7 });
    expect(
      await operator('PATCH', path, { body: { senders: ['Other'] }, expect: 422 }),
    ).toMatchObject({ code: 'default_sender_not_listed' });
    expect(await operator('DELETE', path, { expect: 409 })).toMatchObject({
      code: 'account_has_open_work',
    });
    await operator('DELETE', `${path}?force=true`, { expect: 204 });
    expect(await request('GET', `/v1/messages/${queued.id}`)).toMatchObject({ status: 'expired' });
    expect(await request('GET', `/v1/accounts/${account.id}`, { expect: 404 })).toBeDefined();
    const log = (await request('GET', '/v1/audit-log')).data as Json[];
    expect(log.map(({ action, actor }) => `${action} ${actor.kind}`)).toEqual(
      expect.arrayContaining([
        'account.created admin_token',
        'account.updated admin_token',
        'account.force_expired admin_token',
        'account.deleted admin_token',
      ]),
    );
  });
});

describe('a shared connection', () => {
  it('is listed, changed and re-keyed by the operator; its accounts go on with the new key', async () => {
    const made = await newConnection({ max_per_second: 20 });
    const { request } = await managed(made.id);
    const path = `/admin/connections/${made.id}`;
    expect(await operator('GET', path, { expect: 200 })).toMatchObject({
      tenant_id: null,
      accounts: 1,
      max_per_second: 20,
    });
    const shared = (await operator('GET', '/admin/connections?shared=true')).data as Json[];
    expect(shared.map(({ id }) => id)).toContain(made.id);
    expect(shared.every(({ tenant_id: owner }) => owner === null)).toBe(true);
    const body = { name: 'Renamed', max_per_second: null };
    expect(await operator('PATCH', path, { body, expect: 200 })).toMatchObject(body);
    const key = randomUUID();
    await operator('POST', `${path}/rotate-provider-key`, {
      body: { provider_key: key },
      expect: 200,
    });
    const sent = await request('POST', '/v1/messages', { body: message(), expect: 202 });
    await eventually(
      async () => (await request('GET', `/v1/messages/${sent.id}`)).status === 'delivered',
      { what: 'delivery with the new key' },
    );
    const log = (await operator('GET', '/admin/audit-log')).data as Json[];
    expect(log.filter(({ object }) => object.id === made.id).map(({ action }) => action)).toEqual([
      'connection.provider_key_rotated',
      'connection.updated',
      'connection.created',
    ]);
    expect(JSON.stringify(log)).not.toContain(key);
  });

  it('is none where a tenant owns it', async () => {
    const stranger = await createTenant(gateway);
    const own = await call<Json>(gateway, 'GET', `/v1/accounts/${stranger.accountId}`, {
      token: stranger.apiKey,
    });
    const body = { connection_id: own.connection_id, name: 'x', senders: ['Acme'] };
    const { accounts } = await managed((await newConnection()).id);
    expect(await operator('POST', accounts, { body, expect: 409 })).toMatchObject({
      code: 'connection_not_shared',
      errors: [{ pointer: '/connection_id' }],
    });
    const unknown = { ...body, connection_id: 'con_01h455vb4pex5vsknk084sn02q' };
    expect(await operator('POST', accounts, { body: unknown, expect: 422 })).toMatchObject({
      code: 'connection_unknown',
    });
    const path = `/admin/connections/${own.connection_id}`;
    expect(await operator('PATCH', path, { body: { name: 'x' }, expect: 409 })).toMatchObject({
      code: 'connection_not_shared',
    });
    const account = `/admin/tenants/${stranger.id}/accounts/${stranger.accountId}`;
    expect(await operator('PATCH', account, { body: { weight: 9 }, expect: 409 })).toMatchObject({
      code: 'account_not_managed',
    });
    expect(await operator('DELETE', account, { expect: 409 })).toMatchObject({
      code: 'account_not_managed',
    });
  });

  it('whose key a tenant gives as well is recognised without a word of it', async () => {
    const key = randomUUID();
    const before = await createTenant(gateway, { provider_key: key });
    const { id } = await newConnection({ provider_key: key });
    await managed(id);
    const after = await createTenant(gateway, { provider_key: key });
    const [row] = await database.query<{ connections: number; states: number }>(
      `select count(*)::int as connections, count(distinct fingerprint)::int as states
       from connections c where fingerprint = (select fingerprint from connections where id = $1)`,
      [readId('con', id)],
    );
    expect(row).toEqual({ connections: 3, states: 1 });
    const shown = await Promise.all(
      [before, after].map(({ apiKey, accountId }) =>
        call<Json>(gateway, 'GET', `/v1/accounts/${accountId}`, { token: apiKey }),
      ),
    );
    for (const account of shown) expect(account).toMatchObject({ managed: false, state: 'active' });
  });
});
