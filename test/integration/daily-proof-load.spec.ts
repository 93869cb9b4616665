import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProofRunner } from '../../apps/gateway/src/reconciliation/proof-runner.js';
import { createSandbox, recipientFor, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';

let database: TestDatabase;
let sandbox: Sandbox;
let gateway: TestGateway;
let tenant: TestTenant;

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await createSandbox({ port: 0, deliveryMs: 30 });
  gateway = await startGateway({ database, providerUrl: sandbox.url });
  tenant = await createTenant(gateway);
  await database.query('update connection_states set rate = 500');
}, 60_000);

afterAll(async () => {
  await gateway?.close();
  await sandbox?.close();
  await database?.drop();
});

const fates = ['delivered', 'undelivered', 'refused', 'error', 'rejected', 'reset_after', 'silent'];
const batches = 40;
const perBatch = 25;

async function accept(batch: number): Promise<void> {
  await call(gateway, 'POST', '/v1/messages/batch', {
    token: tenant.apiKey,
    body: {
      messages: Array.from({ length: perBatch }, (_, n) => ({
        recipient: `+${recipientFor(fates[n % fates.length] as string, batch * perBatch + n)}`,
        text: 'Load',
      })),
    },
    expect: 202,
  });
}

interface Checked {
  readonly verdict: string;
  readonly accepted: number;
  readonly open: number;
  readonly misses: unknown;
}

const checked = (): Promise<Checked[]> =>
  database.query<Checked>(
    `select verdict, (figures #>> '{lines,accepted,found}')::int as accepted, (figures #>> '{lines,open,found}')::int as open, misses
     from reconciliations where checked_at is not null order by day desc`,
  );

async function proveEveryDay(): Promise<Checked[]> {
  // Found first: a running day is not due before ten minutes.
  await gateway.get(ProofRunner).runOnce();
  await database.query('update reconciliations set next_check_at = app_clock()');
  await gateway.get(ProofRunner).runOnce();
  return checked();
}

describe('the daily proof of a day that is being written', () => {
  it('never fails, whatever moves under it, and sees it move', async () => {
    const seen = new Set<string>();
    const look = async (): Promise<void> => {
      for (const { verdict, accepted, open, misses } of await proveEveryDay()) {
        expect(verdict === 'failed' ? misses : null).toBeNull();
        seen.add(`${accepted}/${open}`);
      }
    };
    const load = (async () => {
      for (let batch = 0; batch < batches; batch += 1) await accept(batch);
      return true;
    })();
    const oneMoreLook = async (): Promise<false> => {
      await look();
      return false;
    };
    // Each look ends before the next one begins, until all are accepted.
    while (!(await Promise.race([load, oneMoreLook()])));
    await load;
    await eventually(
      async () => {
        await look();
        return (await database.query('select 1 from outgoing limit 1')).length === 0;
      },
      { withinMs: 60_000, what: 'an empty queue' },
    );
    const [count] = await database.query<{ count: number }>(
      'select count(*)::int as count from messages',
    );
    expect(count?.count).toBe(batches * perBatch);
    expect(seen.size).toBeGreaterThan(5);
  }, 120_000);
});
