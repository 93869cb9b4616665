import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KeyChecker } from '../../apps/gateway/src/accounts/key-checker.js';
import { adminToken } from '../support/configuration.js';
import { call, createTenant, eventually, type TestTenant } from '../support/gateway.js';
import { World } from '../support/world.js';

let world: World;
let tenant: TestTenant;

beforeEach(async () => {
  world = await World.start();
  tenant = world.tenant;
}, 60_000);

afterEach(() => world?.close());

interface Problem {
  readonly status?: number;
  readonly code?: string;
  readonly errors?: readonly { readonly pointer: string }[];
}

function request<Body>(method: string, path: string, body?: unknown, token = tenant.apiKey) {
  return call<Body & Problem>(world.steps.gateway, method, path, {
    token,
    ...(body === undefined ? {} : { body }),
  });
}

interface Entry {
  readonly action: string;
  readonly actor: { readonly kind: string };
  readonly object: { readonly id: string };
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
}

async function auditLog(path = '/v1/audit-log', token = tenant.apiKey): Promise<Entry[]> {
  return (await request<{ data: Entry[] }>('GET', path, undefined, token)).data;
}

function ofAction(entries: readonly Entry[], action: string): Entry | undefined {
  return entries.find((entry) => entry.action === action);
}

const absent = 'acc_01h455vb4pex5vsknk084sn02q';

describe('a new API key', () => {
  it('is refused for an account that is absent, foreign or deleted, with one answer', async () => {
    const other = await createTenant(world.steps.gateway, {}, 'Other');
    const second = await request<{ id: string }>('POST', '/v1/accounts', {
      name: 'Second',
      provider_key: 'second',
    });
    await request('DELETE', `/v1/accounts/${second.id}`).catch(() => undefined);
    const answers = await Promise.all(
      [absent, other.accountId, second.id].map((id) =>
        request('POST', '/v1/api-keys', {
          name: 'Restricted',
          scopes: ['messages:send'],
          account_ids: [tenant.accountId, id],
        }),
      ),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({
      status: 422,
      code: 'account_unknown',
      errors: [{ pointer: '/account_ids/1' }],
    });
  });

  it('comes from an operator where the tenant has revoked its last one', async () => {
    const keys = await request<{ data: { id: string }[] }>('GET', '/v1/api-keys');
    await request('POST', `/v1/api-keys/${keys.data[0]?.id}/revoke`);
    expect(await request('GET', '/v1/accounts')).toMatchObject({ code: 'api_key_revoked' });
    const path = `/admin/tenants/${tenant.id}/api-keys`;
    const wanted = { name: 'Way back in', scopes: ['*'] };
    const made = await request<{ api_key: string }>('POST', path, wanted, adminToken);
    const log = await auditLog('/v1/audit-log', made.api_key);
    expect(log[0]).toMatchObject({ action: 'api_key.created', actor: { kind: 'admin_token' } });
    expect(JSON.stringify(log)).not.toContain(made.api_key.slice(-43));
    expect(
      await request('POST', path, { ...wanted, account_ids: [absent] }, adminToken),
    ).toMatchObject({ code: 'account_unknown', errors: [{ pointer: '/account_ids/0' }] });
    expect(
      await request(
        'POST',
        `/admin/tenants/ten_01h455vb4pex5vsknk084sn02q/api-keys`,
        wanted,
        adminToken,
      ),
    ).toMatchObject({ code: 'not_found' });
  });
});

describe('the audit log', () => {
  it('shows ids as the API does, and on which connection an account was made', async () => {
    const key = await request<{ id: string }>('POST', '/v1/api-keys', {
      name: 'Restricted',
      scopes: ['messages:send'],
      account_ids: [tenant.accountId],
    });
    const successor = await request<{ id: string }>('POST', `/v1/api-keys/${key.id}/rotate`);
    const log = await auditLog();
    expect(ofAction(log, 'account.created')?.after).toMatchObject({
      connection_id: expect.stringMatching(/^con_/),
    });
    expect(ofAction(log, 'api_key.created')?.after).toMatchObject({
      account_ids: [tenant.accountId],
    });
    expect(ofAction(log, 'api_key.rotated')?.after).toMatchObject({ replaced_by: successor.id });
  });

  it('knows of the first key of the callback URLs', async () => {
    const log = await auditLog('/admin/audit-log', adminToken);
    expect(ofAction(log, 'callback_key.created')).toMatchObject({ actor: { kind: 'system' } });
  });

  it('knows what a forced deletion ended, before it ended it', async () => {
    await world.send();
    await request('DELETE', `/v1/accounts/${tenant.accountId}?force=true`).catch(() => undefined);
    const log = await auditLog();
    expect(log.slice(0, 2).map(({ action }) => action)).toEqual([
      'account.deleted',
      'account.force_expired',
    ]);
    expect(log[1]).toMatchObject({ before: { queued: 1, scheduled: 0 } });
  });

  it('shows a key that is restricted to accounts what was done to those', async () => {
    const second = await request<{ id: string }>('POST', '/v1/accounts', {
      name: 'Second',
      provider_key: 'second',
    });
    const { api_key } = await request<{ api_key: string }>('POST', '/v1/api-keys', {
      name: 'Restricted',
      scopes: ['audit:read'],
      account_ids: [second.id],
    });
    const log = await auditLog('/v1/audit-log', api_key);
    expect(log.map(({ object }) => object.id)).toEqual([second.id]);
  });
});

describe('a provider key', () => {
  it('whose check was lost, or found the provider away, is checked again', async () => {
    const checker = world.steps.gateway.get(KeyChecker);
    await checker.idle();
    for (const lost of [
      `key_verdict = 'unchecked', key_checked_at = null, updated_at = app_clock() - interval '2 minutes'`,
      `key_verdict = 'unreachable', key_checked_at = app_clock() - interval '11 minutes'`,
    ]) {
      await world.database.query(`update connections set ${lost}`);
      await checker.recheck();
      await eventually(async () => {
        const [row] = await world.database.query<{ key_verdict: string }>(
          'select key_verdict from connections',
        );
        return row?.key_verdict === 'plausible';
      });
    }
    const asked = world.polls.length;
    await checker.recheck();
    await checker.idle();
    expect(world.polls).toHaveLength(asked);
  });
});
