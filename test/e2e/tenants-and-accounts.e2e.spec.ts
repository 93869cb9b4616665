import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  CallbackUrls,
  ConnectionKeys,
  ConnectionStates,
} from '../../apps/gateway/src/accounts/index.js';
import { readId } from '../../apps/gateway/src/platform/ids/index.js';
import { createSandbox, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
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

// Bodies of any shape: the expectations say what they hold.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = Record<string, any>;

let database: TestDatabase;
let sandbox: Sandbox;
/** Two replicas of the API on one database; nothing is sent. */
let gateway: TestGateway;
let other: TestGateway;
let tenant: TestTenant;

beforeAll(async () => {
  database = await createTestDatabase(24);
  sandbox = await createSandbox({ port: 0 });
  gateway = await startGateway({ database, providerUrl: sandbox.url, roles: ['api'] });
  other = await startGateway({ database, providerUrl: sandbox.url, roles: ['api'] });
  tenant = await createTenant(gateway);
}, 60_000);

afterAll(async () => {
  await other?.close();
  await gateway?.close();
  await sandbox?.close();
  await database?.drop();
});

interface Options {
  readonly token?: string;
  readonly body?: unknown;
  readonly expect?: number;
  readonly at?: TestGateway;
}

function as(token: string) {
  return (method: string, path: string, options: Options = {}): Promise<Json> =>
    call<Json>(options.at ?? gateway, method, path, { token, ...options });
}

const operator = as(adminToken);

async function codeOf(path: string, token?: string, method = 'GET', at = gateway, body?: unknown) {
  const options = {
    ...(token === undefined ? {} : { token }),
    ...(body === undefined ? {} : { body }),
  };
  return (await call<Json>(at, method, path, options)).code as string | undefined;
}

async function newKey(grant: Json, maker = tenant.apiKey): Promise<Json> {
  return as(maker)('POST', '/v1/api-keys', { body: { name: 'a key', ...grant }, expect: 201 });
}

async function queueMessage(
  accountId: string,
  tenantId: string,
  options: { scheduled?: boolean } = {},
) {
  const [account, owner] = [readId('acc', accountId), readId('ten', tenantId)];
  await (options.scheduled
    ? database.query(
        `insert into scheduled (tenant_id, message_id, account_id, class, due_at, expires_at)
         values ($1, gen_random_uuid(), $2, 1, now() + interval '1 day', now() + interval '2 days')`,
        [owner, account],
      )
    : database.query(
        `insert into outgoing (tenant_id, message_id, account_id, class, pos, expires_at)
         values ($1, gen_random_uuid(), $2, 1, uuid_v7_floor(now()), now() + interval '1 day')`,
        [owner, account],
      ));
}

describe('tenants', () => {
  it('are made with a first key, shown once, that may do everything', async () => {
    const made = await operator('POST', '/admin/tenants', {
      body: { name: 'Acme', external_id: 'crm-1' },
      expect: 201,
    });
    expect(made).toMatchObject({
      id: expect.stringMatching(/^ten_/),
      name: 'Acme',
      external_id: 'crm-1',
      status: 'active',
      created_at: expect.any(String),
      api_key: expect.stringMatching(/^tyr_live_/),
    });
    expect(await operator('GET', `/admin/tenants/${made.id}`, { expect: 200 })).not.toHaveProperty(
      'api_key',
    );
    await as(made.api_key)('GET', '/v1/api-keys', { expect: 200 });
    const rows = await database.query('select * from api_keys where tenant_id = $1', [
      readId('ten', made.id),
    ]);
    expect(JSON.stringify(rows)).not.toContain(made.api_key.slice(-20));
  });

  it('have an external id of their own, or hear which field is to blame', async () => {
    await operator('POST', '/admin/tenants', {
      body: { name: 'One', external_id: 'taken' },
      expect: 201,
    });
    const refused = await operator('POST', '/admin/tenants', {
      body: { name: 'Two', external_id: 'taken' },
      expect: 409,
    });
    expect(refused).toMatchObject({
      code: 'external_id_taken',
      errors: [{ pointer: '/external_id' }],
    });
    const { data } = await operator('GET', '/admin/tenants?external_id=taken', { expect: 200 });
    expect(data.map((found: Json) => found.name)).toEqual(['One']);
  });

  it('are listed in pages without gap or double', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await operator(
        'GET',
        `/admin/tenants?limit=2${cursor ? `&cursor=${cursor}` : ''}`,
        { expect: 200 },
      );
      seen.push(...page.data.map((row: Json) => row.id));
      cursor = page.next_cursor;
    } while (cursor);
    const [{ count }] = (await database.query<{ count: string }>(
      'select count(*) from tenants',
    )) as [{ count: string }];
    expect(seen).toHaveLength(Number(count));
    expect([...seen].sort().toReversed()).toEqual(seen);
  });

  it('can read but not write while suspended, on every replica within seconds', async () => {
    const { id, api_key: key } = await operator('POST', '/admin/tenants', {
      body: { name: 'Late payer' },
      expect: 201,
    });
    await as(key)('GET', '/v1/accounts', { at: other, expect: 200 });
    expect(await operator('POST', `/admin/tenants/${id}/suspend`, { expect: 200 })).toMatchObject({
      status: 'suspended',
      suspended_at: expect.any(String),
    });
    const write = { name: 'x', scopes: ['messages:send'] };
    expect(await codeOf('/v1/api-keys', key, 'POST', gateway, write)).toBe('tenant_suspended');
    await eventually(
      async () => (await codeOf('/v1/api-keys', key, 'POST', other, write)) === 'tenant_suspended',
    );
    await as(key)('GET', '/v1/accounts', { expect: 200 });
    await operator('POST', `/admin/tenants/${id}/resume`, { expect: 200 });
    await as(key)('POST', '/v1/api-keys', { body: write, expect: 201 });
  });

  it('are for operators alone', async () => {
    for (const token of [undefined, tenant.apiKey, 'wrong']) {
      expect(await codeOf('/admin/tenants', token)).toBe('unauthenticated');
      expect(await codeOf('/admin/lanes', token)).toBe('unauthenticated');
      expect(await codeOf('/admin/audit-log', token)).toBe('unauthenticated');
      expect(await codeOf('/admin/callback-keys/rotate', token, 'POST')).toBe('unauthenticated');
    }
    expect(await codeOf('/v1/accounts', adminToken)).toBe('unauthenticated');
  });

  it('refuses an unknown field, an empty name and a null where none may stand', async () => {
    const refused = await operator('POST', '/admin/tenants', {
      body: { name: '', colour: 'red' },
      expect: 400,
    });
    expect(refused.errors.map((error: Json) => error.pointer).sort()).toEqual(['/colour', '/name']);
    const { id } = await operator('POST', '/admin/tenants', { body: { name: 'x' }, expect: 201 });
    expect(await codeOf(`/admin/tenants/${id}`, adminToken, 'PATCH', gateway, { name: null })).toBe(
      'invalid_request',
    );
  });
});

describe('API keys', () => {
  it('may do what their scopes say, and hear which one is missing', async () => {
    const { api_key: key } = await newKey({ scopes: ['accounts:read'] });
    await as(key)('GET', '/v1/accounts', { expect: 200 });
    const refused = await as(key)('GET', '/v1/audit-log', { expect: 403 });
    expect(refused).toMatchObject({ code: 'insufficient_scope', scope: 'audit:read' });
  });

  it('grant no more than they have', async () => {
    const { api_key: weak } = await newKey({
      scopes: ['keys:write', 'messages:send'],
      account_ids: [tenant.accountId],
    });
    const make = (body: Json) =>
      codeOf('/v1/api-keys', weak, 'POST', gateway, { name: 'x', ...body });
    expect(await make({ scopes: ['messages:read'] })).toBe('insufficient_scope');
    expect(await make({ scopes: ['*'] })).toBe('insufficient_scope');
    const foreign = 'acc_01jf8z5v3we2r9n6k4q7t0xyzb';
    expect(await make({ scopes: ['messages:send'], account_ids: [foreign] })).toBe(
      'account_not_allowed',
    );
    const made = await newKey({ scopes: ['messages:send'] }, weak);
    expect(made.account_ids).toEqual([tenant.accountId]);
  });

  it('cannot come by the rights of a stronger key by rotating or revoking it', async () => {
    const strong = await newKey({ scopes: ['*'] });
    const { api_key: weak } = await newKey({ scopes: ['keys:write'] });
    expect(await codeOf(`/v1/api-keys/${strong.id}/rotate`, weak, 'POST')).toBe(
      'insufficient_scope',
    );
    expect(await codeOf(`/v1/api-keys/${strong.id}/revoke`, weak, 'POST')).toBe(
      'insufficient_scope',
    );
    await as(strong.api_key)('GET', '/v1/accounts', { expect: 200 });
  });

  it('stop on every replica within seconds of being revoked', async () => {
    const { id, api_key: key } = await newKey({ scopes: ['accounts:read'] });
    await as(key)('GET', '/v1/accounts', { at: other, expect: 200 });
    await as(tenant.apiKey)('POST', `/v1/api-keys/${id}/revoke`, { expect: 200 });
    expect(await codeOf('/v1/accounts', key)).toBe('api_key_revoked');
    await eventually(
      async () => (await codeOf('/v1/accounts', key, 'GET', other)) === 'api_key_revoked',
    );
  });

  it('overlap with their successor, which has the same rights, and then expire', async () => {
    const old = await newKey({ scopes: ['accounts:read'], account_ids: [tenant.accountId] });
    const fresh = await as(tenant.apiKey)('POST', `/v1/api-keys/${old.id}/rotate`, {
      body: { overlap_seconds: 5 },
      expect: 201,
    });
    expect(fresh).toMatchObject({
      scopes: old.scopes,
      account_ids: old.account_ids,
      expires_at: null,
    });
    await as(fresh.api_key)('GET', '/v1/accounts', { expect: 200 });
    await as(old.api_key)('GET', '/v1/accounts', { expect: 200 });
    const shown = await as(tenant.apiKey)('GET', `/v1/api-keys/${old.id}`, { expect: 200 });
    expect(shown.replaced_by).toBe(fresh.id);
    await eventually(
      async () => (await codeOf('/v1/accounts', old.api_key)) === 'api_key_expired',
      { withinMs: 15_000 },
    );
    expect(await codeOf(`/v1/api-keys/${old.id}/rotate`, tenant.apiKey, 'POST')).toBe(
      'api_key_not_active',
    );
    await as(fresh.api_key)('GET', '/v1/accounts', { expect: 200 });
  });

  it('rotate with a day of overlap where the body is left out', async () => {
    const old = await newKey({ scopes: ['accounts:read'] });
    await as(tenant.apiKey)('POST', `/v1/api-keys/${old.id}/rotate`, { expect: 201 });
    const { expires_at: end } = await as(tenant.apiKey)('GET', `/v1/api-keys/${old.id}`);
    expect(Math.abs(Date.parse(end) - Date.now() - 86_400_000)).toBeLessThan(10_000);
    const tooLong = { overlap_seconds: 30 * 86_400 + 1 };
    expect(
      await codeOf(`/v1/api-keys/${old.id}/rotate`, tenant.apiKey, 'POST', gateway, tooLong),
    ).toBe('invalid_request');
  });

  it('refuse an end that is not ahead', async () => {
    for (const end of ['2020-01-01T00:00:00Z', '2099-01-01T00:00:00', 'tomorrow']) {
      const body = { name: 'x', scopes: ['messages:send'], expires_at: end };
      const refused = await as(tenant.apiKey)('POST', '/v1/api-keys', { body, expect: 400 });
      expect(refused.errors).toMatchObject([{ pointer: '/expires_at' }]);
    }
  });

  it('show a foreign key as an absent one, to the byte', async () => {
    const stranger = await createTenant(gateway, {}, 'Stranger');
    const { id } = await newKey({ scopes: ['messages:send'] });
    const [foreign, absent] = await Promise.all(
      [id, 'key_01jf8z5v3we2r9n6k4q7t0xyzb'].map(async (one) => {
        const headers = { authorization: `Bearer ${stranger.apiKey}` };
        const response = await fetch(`${gateway.url}/v1/api-keys/${one}`, { headers });
        return [response.status, await response.text()];
      }),
    );
    expect(foreign).toEqual(absent);
    expect(foreign?.[0]).toBe(404);
  });

  it('tell their last use, written behind the requests', async () => {
    const { KeyUseRecorder } = await import('../../apps/gateway/src/tenants/key-use-recorder.js');
    const { id, api_key: key } = await newKey({ scopes: ['accounts:read'] });
    const lastUse = async () => (await as(tenant.apiKey)('GET', `/v1/api-keys/${id}`)).last_used_at;
    expect(await lastUse()).toBeNull();
    await as(key)('GET', '/v1/accounts', { expect: 200 });
    await gateway.get(KeyUseRecorder).runOnce();
    const first = await lastUse();
    expect(Date.parse(first)).toBeGreaterThan(Date.now() - 60_000);
    await as(key)('GET', '/v1/accounts', { at: other, expect: 200 });
    await other.get(KeyUseRecorder).runOnce();
    expect(await lastUse()).toBe(first);
  });

  it('are fixed in development by DEV_API_KEY, for the oldest tenant of a database in use', async () => {
    const fixed = 'tyr_live_dev_0123456789abcdef';
    const third = await startGateway({
      database,
      providerUrl: sandbox.url,
      roles: ['api'],
      variables: { DEV_API_KEY: fixed },
    });
    try {
      const { data } = await as(fixed)('GET', '/v1/api-keys', { at: third, expect: 200 });
      expect(data.map((key: Json) => key.prefix)).toContain('dev');
    } finally {
      await third.close();
    }
  });
});

describe('accounts', () => {
  it('are made from a provider key that is encrypted, tried out and never shown', async () => {
    const body = {
      name: 'Shop',
      provider_key: 'planted-provider-key-77',
      senders: ['Custom Co', 'Shop'],
      default_sender: 'Shop',
      default_category: 'promotional',
      max_per_second: 12.5,
    };
    const made = await as(tenant.apiKey)('POST', '/v1/accounts', { body, expect: 201 });
    expect(made).toMatchObject({
      id: expect.stringMatching(/^acc_/),
      connection_id: expect.stringMatching(/^con_/),
      name: 'Shop',
      senders: ['Custom Co', 'Shop'],
      default_sender: 'Shop',
      default_category: 'promotional',
      default_delivery_mode: null,
      when_paused: 'hold',
      max_per_second: 12.5,
      state: 'active',
      pause: null,
      queued: { urgent: 0, normal: 0, promotional: 0, scheduled: 0, capped: false },
      oldest_queued_at: null,
      rate_per_second: 5,
      estimated_drain_seconds: 0,
    });
    const read = await eventually(async () => {
      const account = await as(tenant.apiKey)('GET', `/v1/accounts/${made.id}`, { expect: 200 });
      return account.key_verdict === 'unchecked' ? null : account;
    });
    expect(read).toMatchObject({ key_verdict: 'plausible', key_checked_at: expect.any(String) });
    expect(JSON.stringify([made, read])).not.toContain('planted');
    const dump = JSON.stringify(
      await Promise.all(
        ['connections', 'connection_states', 'audit_log', 'lanes'].map((table) =>
          database.query(`select * from ${table}`),
        ),
      ),
    );
    expect(dump).not.toContain('planted-provider-key');
    const opened = await gateway
      .get(ConnectionKeys)
      .open(readId('con', made.connection_id) as string);
    expect(opened).toMatchObject({ key: 'planted-provider-key-77', version: 1 });
    const token = made.inbound_url.split('/').at(-1);
    expect(other.get(CallbackUrls).readInbound(token)).toEqual({
      connectionId: readId('con', made.connection_id),
    });
  });

  it('refuse a default sender that they do not list', async () => {
    const body = { name: 'x', provider_key: 'k', senders: ['A'], default_sender: 'B' };
    const refused = await as(tenant.apiKey)('POST', '/v1/accounts', { body, expect: 422 });
    expect(refused).toMatchObject({
      code: 'default_sender_not_listed',
      errors: [{ pointer: '/default_sender' }],
    });
    await as(tenant.apiKey)('PATCH', `/v1/accounts/${tenant.accountId}`, {
      body: { senders: ['Other'] },
      expect: 422,
    });
  });

  it('change what is named and leave the rest; null takes a value away', async () => {
    const { accountId, apiKey } = await createTenant(gateway, { max_per_second: 3 }, 'Patching');
    const body = { name: 'Renamed', max_per_second: null, default_category: null };
    expect(
      await as(apiKey)('PATCH', `/v1/accounts/${accountId}`, { body, expect: 200 }),
    ).toMatchObject({
      name: 'Renamed',
      max_per_second: null,
      default_category: null,
      default_sender: 'Tyrian',
    });
    const refused = await as(apiKey)('PATCH', `/v1/accounts/${accountId}`, {
      body: { senders: null },
      expect: 400,
    });
    expect(refused.errors).toMatchObject([{ pointer: '/senders' }]);
  });

  it('keep a restricted key to its accounts', async () => {
    const second = await as(tenant.apiKey)('POST', '/v1/accounts', {
      body: { name: 'Second', provider_key: 'k-second' },
      expect: 201,
    });
    const { api_key: key } = await newKey({
      scopes: ['accounts:read', 'accounts:write'],
      account_ids: [second.id],
    });
    const { data } = await as(key)('GET', '/v1/accounts', { expect: 200 });
    expect(data.map((account: Json) => account.id)).toEqual([second.id]);
    expect(await codeOf(`/v1/accounts/${tenant.accountId}`, key)).toBe('not_found');
    expect(await codeOf(`/v1/accounts/${tenant.accountId}/pause`, key, 'POST')).toBe('not_found');
    expect(await codeOf(`/v1/accounts/${tenant.accountId}`, key, 'DELETE')).toBe('not_found');
    const body = { name: 'Third', provider_key: 'k' };
    expect(await codeOf('/v1/accounts', key, 'POST', gateway, body)).toBe('account_not_allowed');
  });

  it('show a foreign account as an absent one, to the byte', async () => {
    const stranger = await createTenant(gateway, {}, 'Another stranger');
    for (const [method, suffix] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/pause'],
      ['POST', '/resume'],
    ]) {
      const answers = await Promise.all(
        [tenant.accountId, 'acc_01jf8z5v3we2r9n6k4q7t0xyzb', 'nonsense'].map(async (id) => {
          const response = await fetch(`${gateway.url}/v1/accounts/${id}${suffix}`, {
            method: method as string,
            headers: {
              authorization: `Bearer ${stranger.apiKey}`,
              'content-type': 'application/json',
            },
            ...(method === 'PATCH'
              ? { body: '{"name":"stolen"}' }
              : method === 'POST'
                ? { body: '{}' }
                : {}),
          });
          return [response.status, await response.text()];
        }),
      );
      expect(answers[0]?.[0]).toBe(404);
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]).toEqual(answers[2]);
    }
  });

  it('tell what waits on them, from the oldest', async () => {
    const { id, accountId, apiKey } = await createTenant(gateway, {}, 'Queueing');
    for (let n = 0; n < 12; n++) await queueMessage(accountId, id);
    await queueMessage(accountId, id, { scheduled: true });
    const read = await as(apiKey)('GET', `/v1/accounts/${accountId}`, { expect: 200 });
    expect(read.queued).toEqual({
      urgent: 0,
      normal: 12,
      promotional: 0,
      scheduled: 1,
      capped: false,
    });
    expect(Math.abs(Date.parse(read.oldest_queued_at) - Date.now())).toBeLessThan(60_000);
    // Nobody owns the lane in this gateway without workers, so that nobody can say when it will be empty.
    expect(read.estimated_drain_seconds).toBeNull();
    const [lane] = await database.query(
      `update lanes set owner = gen_random_uuid(), report = '{"state":"sending","reason":null,"rate_per_second":5}'
       where account_id = $1 returning account_id`,
      [readId('acc', accountId)],
    );
    expect(lane).toBeDefined();
    const flowing = await as(apiKey)('GET', `/v1/accounts/${accountId}`, { expect: 200 });
    expect(flowing.estimated_drain_seconds).toBe(Math.ceil(12 / 5));
  });

  it('are held by a pause and released, and neither side undoes the other’s', async () => {
    const { accountId, apiKey } = await createTenant(gateway, {}, 'Pausing');
    const mine = as(apiKey);
    const paused = await mine('POST', `/v1/accounts/${accountId}/pause`, {
      body: { reason: 'review' },
      expect: 200,
    });
    expect(paused).toMatchObject({
      state: 'paused',
      pause: { by: 'tenant', reason: 'review', since: expect.any(String) },
      estimated_drain_seconds: null,
    });
    await operator('POST', `/admin/lanes/${accountId}/pause`, {
      body: { reason: 'abuse' },
      expect: 200,
    });
    const held = await mine('POST', `/v1/accounts/${accountId}/resume`, { expect: 200 });
    expect(held.pause).toMatchObject({ by: 'operator' });
    expect(await codeOf(`/v1/accounts/${accountId}/resume`, apiKey, 'POST')).toBe(
      'account_paused_by_operator',
    );
    await mine('POST', `/v1/accounts/${accountId}/pause`, { expect: 200 });
    const lane = await operator('POST', `/admin/lanes/${accountId}/resume`, { expect: 200 });
    expect(lane.state).toBe('paused');
    expect(await mine('POST', `/v1/accounts/${accountId}/resume`, { expect: 200 })).toMatchObject({
      state: 'active',
      pause: null,
    });
    await mine('POST', `/v1/accounts/${accountId}/resume`, { expect: 200 });
  });

  it('keep their queue when the provider key is rotated, and start anew after a refused one', async () => {
    const { id, accountId, apiKey } = await createTenant(
      gateway,
      { provider_key: 'first-key' },
      'Rotating',
    );
    await queueMessage(accountId, id);
    const before = await as(apiKey)('GET', `/v1/accounts/${accountId}`);
    const connectionId = readId('con', before.connection_id) as string;
    const { fingerprint } = await gateway.get(ConnectionKeys).open(connectionId);
    const states = gateway.get(ConnectionStates);
    expect(await states.pause({ fingerprint, epoch: 1, reason: 'key_refused' })).toBe(true);
    expect(await as(apiKey)('GET', `/v1/accounts/${accountId}`)).toMatchObject({
      state: 'connection_paused',
      pause: { by: 'provider', reason: 'key_refused' },
    });
    const after = await as(apiKey)('POST', `/v1/accounts/${accountId}/rotate-provider-key`, {
      body: { provider_key: 'second-key' },
      expect: 200,
    });
    expect(after).toMatchObject({
      state: 'active',
      queued: { normal: 1 },
      connection_id: before.connection_id,
    });
    const key = await eventually(async () => {
      const opened = await gateway.get(ConnectionKeys).open(connectionId);
      return opened.version === 2 ? opened : null;
    });
    expect(key.key).toBe('second-key');
    expect(key.fingerprint).not.toEqual(fingerprint);
  });

  it('go on with the same key, too, once somebody vouches for it', async () => {
    const { accountId, apiKey } = await createTenant(
      gateway,
      { provider_key: 'same-key' },
      'Vouching',
    );
    const { connection_id } = await as(apiKey)('GET', `/v1/accounts/${accountId}`);
    const { fingerprint } = await gateway
      .get(ConnectionKeys)
      .open(readId('con', connection_id) as string);
    await gateway.get(ConnectionStates).pause({ fingerprint, epoch: 1, reason: 'key_refused' });
    const body = { provider_key: 'same-key' };
    const after = await as(apiKey)('POST', `/v1/accounts/${accountId}/rotate-provider-key`, {
      body,
      expect: 200,
    });
    expect(after.state).toBe('active');
    const [state] = await gateway.get(ConnectionStates).read([fingerprint]);
    expect(state?.epoch).toBe(3);
  });

  it('are not deleted while work is open, and closed for good by force', async () => {
    const { id, accountId, apiKey } = await createTenant(gateway, {}, 'Leaving');
    await as(apiKey)('POST', `/v1/accounts/${accountId}/pause`, { expect: 200 });
    const sent = await as(apiKey)('POST', '/v1/messages', {
      body: { recipient: '+380671234567', text: 'Hello', account_id: accountId },
      expect: 202,
    });
    expect(await codeOf(`/v1/accounts/${accountId}`, apiKey, 'DELETE')).toBe(
      'account_has_open_work',
    );
    await as(apiKey)('DELETE', `/v1/accounts/${accountId}?force=true`, { expect: 204 });
    expect(await codeOf(`/v1/accounts/${accountId}`, apiKey)).toBe('not_found');
    expect(await codeOf(`/v1/accounts/${accountId}/resume`, apiKey, 'POST')).toBe('not_found');
    expect(await as(apiKey)('GET', `/v1/messages/${sent.id}`, { expect: 200 })).toMatchObject({
      status: 'expired',
    });
    const [lane] = await database.query('select paused_by from lanes where tenant_id = $1', [
      readId('ten', id),
    ]);
    expect(lane).toEqual({ paused_by: 'deletion' });
  });

  it('share one state where they carry the same provider key', async () => {
    const one = await createTenant(gateway, { provider_key: 'shared-by-two' }, 'One of two');
    const two = await createTenant(gateway, { provider_key: 'shared-by-two' }, 'Two of two');
    const { connection_id } = await as(one.apiKey)('GET', `/v1/accounts/${one.accountId}`);
    const { fingerprint } = await gateway
      .get(ConnectionKeys)
      .open(readId('con', connection_id) as string);
    await gateway.get(ConnectionStates).pause({ fingerprint, epoch: 1, reason: 'balance_empty' });
    expect(await as(two.apiKey)('GET', `/v1/accounts/${two.accountId}`)).toMatchObject({
      state: 'connection_paused',
    });
  });
});

describe('connection states', () => {
  it('change only for who has seen the present one', async () => {
    const { accountId, apiKey } = await createTenant(gateway, {}, 'Comparing');
    const { connection_id } = await as(apiKey)('GET', `/v1/accounts/${accountId}`);
    const { fingerprint } = await gateway
      .get(ConnectionKeys)
      .open(readId('con', connection_id) as string);
    const [mine, theirs] = [gateway.get(ConnectionStates), other.get(ConnectionStates)];

    const paused = await Promise.all(
      [mine, theirs].map((states) =>
        states.pause({ fingerprint, epoch: 1, reason: 'balance_empty' }),
      ),
    );
    expect(paused.filter(Boolean)).toHaveLength(1);
    expect(await mine.resume({ fingerprint, epoch: 1 })).toBe(false);

    const [by, otherBy] = [crypto.randomUUID(), crypto.randomUUID()];
    const claim = { fingerprint, epoch: 2, by, untilMs: Date.now() + 60_000, again: false };
    expect(await mine.claimProbe(claim)).toBe(true);
    expect(await mine.claimProbe(claim)).toBe(false);
    expect(await mine.claimProbe({ ...claim, again: true })).toBe(true);
    expect(await theirs.claimProbe({ ...claim, by: otherBy, again: true })).toBe(false);
    expect(await mine.resume({ fingerprint, epoch: 2 })).toBe(true);
    expect(await mine.resume({ fingerprint, epoch: 2 })).toBe(false);
    expect(await mine.claimProbe({ ...claim, epoch: 3 })).toBe(false);

    const rates = await Promise.all(
      [10, 4].map((to) => mine.setRate({ fingerprint, from: 5, to })),
    );
    expect(rates.filter(Boolean)).toHaveLength(1);
    const late = new Date(Date.now() + 5_000);
    await mine.setNotBefore({ fingerprint, notBefore: late });
    await mine.setNotBefore({ fingerprint, notBefore: new Date(Date.now() + 1_000) });
    const [state] = await theirs.read([fingerprint]);
    expect(state).toMatchObject({ epoch: 3, pausedAt: null, pauseReason: null, notBefore: late });
  });

  it('are resumed by an operator, and the act is on record', async () => {
    const { accountId, apiKey } = await createTenant(gateway, {}, 'Refused');
    const { connection_id } = await as(apiKey)('GET', `/v1/accounts/${accountId}`);
    const { fingerprint } = await gateway
      .get(ConnectionKeys)
      .open(readId('con', connection_id) as string);
    await gateway.get(ConnectionStates).pause({ fingerprint, epoch: 1, reason: 'key_refused' });
    const [lane] = (await operator('GET', `/admin/lanes?limit=1`, { expect: 200 })).data;
    expect(lane).toMatchObject({
      account_id: accountId,
      state: 'connection_paused',
      reason: 'key_refused',
    });
    const resumed = await operator('POST', `/admin/connections/${connection_id}/resume`, {
      expect: 200,
    });
    expect(resumed).toMatchObject({ id: connection_id, pause: null });
    const { data } = await as(apiKey)('GET', '/v1/audit-log?limit=1', { expect: 200 });
    expect(data).toMatchObject([
      {
        action: 'connection.resumed',
        object: { id: connection_id },
        actor: { kind: 'admin_token' },
      },
    ]);
  });
});

describe('lanes for operators', () => {
  it('are listed with state, queue and owner, of one tenant or of all', async () => {
    const { id, accountId } = await createTenant(gateway, {}, 'Watched');
    await queueMessage(accountId, id);
    const { data } = await operator('GET', `/admin/lanes?tenant_id=${id}`, { expect: 200 });
    expect(data).toMatchObject([
      {
        account_id: accountId,
        tenant_name: 'Watched',
        state: 'idle',
        owner: null,
        rate_per_second: null,
        key_rate_per_second: 5,
        in_flight: null,
        queued: { normal: 1 },
        last_outcomes: [],
      },
    ]);
    await database.query('update lanes set has_work = true where account_id = $1', [
      readId('acc', accountId),
    ]);
    expect(await operator('GET', `/admin/lanes/${accountId}`, { expect: 200 })).toMatchObject({
      state: 'unowned',
    });
    expect((await operator('GET', '/admin/lanes', { expect: 200 })).data.length).toBeGreaterThan(5);
  });
});

describe('callback keys', () => {
  it('are rotated without any URL that is out going dead', async () => {
    const [mine, theirs] = [gateway.get(CallbackUrls), other.get(CallbackUrls)];
    const origin = {
      tenantId: readId('ten', tenant.id) as string,
      accountId: readId('acc', tenant.accountId) as string,
      messageId: crypto.randomUUID(),
      attempt: 1,
    };
    const token = (mine.forStatus(origin) as string).split('/').at(-1) as string;
    expect(theirs.readStatus(token)).toEqual(origin);
    const rotated = await operator('POST', '/admin/callback-keys/rotate', { expect: 201 });
    expect(rotated.retired).toHaveLength(1);
    await theirs.refresh();
    expect(mine.readStatus(token)).toEqual(origin);
    expect(theirs.readStatus(token)).toEqual(origin);
    const rows = await database.query('select * from callback_keys where retired_at is null');
    expect(rows).toMatchObject([{ id: rotated.id }]);
  });
});

describe('the audit log', () => {
  it('holds who changed what, before and after, with the request, and no secret', async () => {
    const { id, apiKey } = await createTenant(
      gateway,
      { provider_key: 'secret-of-audit' },
      'Audited',
    );
    const key = await newKey({ scopes: ['audit:read'] }, apiKey);
    await operator('PATCH', `/admin/tenants/${id}`, { body: { name: 'Renamed' }, expect: 200 });
    const { data } = await as(key.api_key)('GET', '/v1/audit-log', { expect: 200 });
    expect(data.map((entry: Json) => entry.action)).toEqual([
      'tenant.updated',
      'api_key.created',
      'account.created',
      'api_key.created',
      'tenant.created',
    ]);
    expect(data[0]).toMatchObject({
      id: expect.stringMatching(/^aud_/),
      tenant_id: id,
      actor: { kind: 'admin_token', id: expect.stringMatching(/^[0-9a-f]{8}$/) },
      object: { kind: 'tenant', id },
      before: { name: 'Audited' },
      after: { name: 'Renamed' },
      request_id: expect.any(String),
    });
    expect(data[2].actor).toMatchObject({ kind: 'api_key', id: expect.stringMatching(/^key_/) });
    expect(JSON.stringify(data)).not.toMatch(/secret-of-audit|tyr_live_/);
  });

  it('shows a tenant its own entries only, and an operator those of all', async () => {
    const { apiKey, id } = await createTenant(gateway, {}, 'Private');
    const { data } = await as(apiKey)('GET', '/v1/audit-log', { expect: 200 });
    expect(new Set(data.map((entry: Json) => entry.tenant_id))).toEqual(new Set([id]));
    const all = await operator('GET', '/admin/audit-log?limit=500', { expect: 200 });
    expect(new Set(all.data.map((entry: Json) => entry.tenant_id)).size).toBeGreaterThan(3);
    expect(all.data.map((entry: Json) => entry.tenant_id)).toContain(null);
    const one = await operator('GET', `/admin/audit-log?tenant_id=${id}`, { expect: 200 });
    expect(one.data).toEqual(data);
  });

  it('cannot be rewritten by any role of the product', async () => {
    for (const role of ['ingest', 'worker', 'tenant', 'operator']) {
      const [row] = await database.query<{ may: boolean }>(
        `select has_table_privilege('tyrian_${role}', 'audit_log', 'update')
           or has_table_privilege('tyrian_${role}', 'audit_log', 'delete')
           or has_table_privilege('tyrian_${role}', 'audit_log', 'truncate') as may`,
      );
      expect(row).toEqual({ may: false });
    }
  });
});
