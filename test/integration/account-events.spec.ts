import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { ConnectionStates } from '../../apps/gateway/src/accounts/index.js';
import { OutboxRelay } from '../../apps/gateway/src/timeline/outbox-relay.js';
import { readId } from '../../apps/gateway/src/platform/ids/index.js';
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

interface AccountEvent {
  readonly type: string;
  readonly tenant_id: string;
  readonly account_id: string;
  readonly snapshot: {
    readonly state: string;
    readonly pause: { readonly by: string; readonly reason: string | null } | null;
  };
}

let database: TestDatabase;
let gateway: TestGateway;

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway({ database, providerUrl: 'http://127.0.0.1:9', loops: false });
});

afterAll(async () => {
  await gateway?.close();
  await database?.drop();
});

/** What the feed tells of accounts since it was asked last, in short. */
async function told(): Promise<string[]> {
  // The first event of a tenant makes its place in the feed, and the next look moves it there.
  await eventually(async () => {
    await gateway.get(OutboxRelay).runOnce();
    return (await database.query('select from outbox')).length === 0;
  });
  const events = await database.query<AccountEvent>(
    `delete from feed where type like 'account.%' returning type, tenant_id, account_id, snapshot, position`,
  );
  return events
    .map(({ type, account_id: account, snapshot: { state, pause } }) =>
      [type, account, state, pause?.by ?? '-', pause?.reason ?? '-'].join(' '),
    )
    .sort();
}

/** Two tenants that were given the same key of the provider. */
async function twoOnOneKey() {
  const provider_key = randomUUID();
  const tenants = [
    await createTenant(gateway, { provider_key }),
    await createTenant(gateway, { provider_key }),
  ] as const;
  const accounts = tenants.map(({ accountId }) => readId('acc', accountId) as string);
  const [row] = await database.query<{ fingerprint: Buffer; epoch: number }>(
    `select s.fingerprint, s.epoch::int from connection_states s join connections c using (fingerprint)
     join accounts a on a.connection_id = c.id where a.id = $1`,
    [accounts[0]],
  );
  return {
    tenants,
    accounts: accounts as [string, string],
    ...(row as { fingerprint: Buffer; epoch: number }),
  };
}

const asTenant = (tenant: TestTenant, act: 'pause' | 'resume') =>
  call(gateway, 'POST', `/v1/accounts/${tenant.accountId}/${act}`, {
    token: tenant.apiKey,
    ...(act === 'pause' ? { body: { reason: 'under review' } } : {}),
    expect: 200,
  });

describe('the feed tells of an account', () => {
  it('that the provider holds it and lets it go, of every tenant on the key', async () => {
    const { accounts, fingerprint, epoch } = await twoOnOneKey();
    const states = gateway.get(ConnectionStates);
    expect(await states.pause({ fingerprint, epoch, reason: 'balance_empty' })).toBe(true);
    // A late error of the same cause changes nothing, and tells nothing.
    expect(await states.pause({ fingerprint, epoch, reason: 'balance_empty' })).toBe(false);
    expect(await told()).toEqual(
      accounts.map((id) => `account.paused ${id} connection_paused provider balance_empty`).sort(),
    );
    expect(await states.resume({ fingerprint, epoch: epoch + 1 })).toBe(true);
    expect(await told()).toEqual(accounts.map((id) => `account.resumed ${id} active - -`).sort());
  });

  it('that an operator ended the pause', async () => {
    const { tenants, accounts, fingerprint, epoch } = await twoOnOneKey();
    const states = gateway.get(ConnectionStates);
    await states.pause({ fingerprint, epoch, reason: 'key_refused' });
    await told();
    const account = await call<{ connection_id: string }>(
      gateway,
      'GET',
      `/v1/accounts/${tenants[0].accountId}`,
      { token: tenants[0].apiKey, expect: 200 },
    );
    await call(gateway, 'POST', `/admin/connections/${account.connection_id}/resume`, {
      token: adminToken,
      expect: 200,
    });
    expect(await told()).toEqual(accounts.map((id) => `account.resumed ${id} active - -`).sort());
  });

  it('that people hold it, once, and only while the provider does not', async () => {
    const { tenants, accounts, fingerprint, epoch } = await twoOnOneKey();
    const [mine] = accounts;
    await asTenant(tenants[0], 'pause');
    await asTenant(tenants[0], 'pause');
    expect(await told()).toEqual([`account.paused ${mine} paused tenant under review`]);
    await gateway.get(ConnectionStates).pause({ fingerprint, epoch, reason: 'balance_empty' });
    expect(await told()).toEqual([
      `account.paused ${accounts[1]} connection_paused provider balance_empty`,
    ]);
    await asTenant(tenants[0], 'resume');
    expect(await told()).toEqual([]);
    await gateway.get(ConnectionStates).resume({ fingerprint, epoch: epoch + 1 });
    expect(await told()).toEqual(accounts.map((id) => `account.resumed ${id} active - -`).sort());
  });
});
