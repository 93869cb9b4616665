import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { MessageEnder, ScheduledPromoter } from '../../apps/gateway/src/messages/index.js';
import { Configuration } from '../../apps/gateway/src/platform/config/index.js';
import {
  Database,
  DatabaseAddress,
  LaneSignals,
  PartitionKeeper,
  type Transaction,
} from '../../apps/gateway/src/platform/database/index.js';
import { readId } from '../../apps/gateway/src/platform/ids/index.js';
import { Log } from '../../apps/gateway/src/platform/logging/index.js';
import { LaneQueue } from '../../apps/gateway/src/queue/index.js';
import { Reconciler } from '../../apps/gateway/src/reconciliation/reconciler.js';
import { createSandbox, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { closeGate, waitsForLock } from '../support/commit-gate.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';
import { holdTransaction } from '../support/held-transaction.js';
import { listensForWork } from '../support/listening.js';
import { pause, read, send } from '../support/steps.js';

let database: TestDatabase;
let gateway: TestGateway;
let tenant: TestTenant;

beforeEach(async () => {
  database = await createTestDatabase();
  gateway = await startGateway({ database, providerUrl: 'http://127.0.0.1:9', loops: false });
  tenant = await createTenant(gateway);
});

afterEach(async () => {
  await gateway.close();
  await database.drop();
});

const worker = '0190aaaa-0000-7000-8000-000000000001';

/** Gives the lane an owner, as after its queue was worked off. */
async function workOff(): Promise<void> {
  await database.query('delete from outgoing');
  await database.query('update lanes set owner = $1, has_work = true', [worker]);
}

/** Gives the lane back by the product's own two statements, with something between them. */
async function release(between: () => Promise<void> = async () => undefined): Promise<void> {
  const [row] = await database.query<{ tenant_id: string; account_id: string; token: number }>(
    'select tenant_id, account_id, token::int from lanes',
  );
  if (!row) throw new Error('no lane');
  const lease = { tenantId: row.tenant_id, accountId: row.account_id, token: row.token };
  await gateway
    .get(Database)
    .transaction('hot', { role: 'worker', lockTimeoutMs: 5_000 }, async (tx) => {
      let isCleared = false;
      const watched: Transaction = {
        async query(statement, parameters) {
          if (isCleared) await between();
          isCleared = true;
          return tx.query(statement, parameters);
        },
      };
      await gateway.get(LaneQueue).release(watched, worker, [lease]);
    });
}

/** Gives the lane back beside an accept that is held up: it goes on then, or soon where the release waits for its rows. */
async function releaseBeside(goOn: () => Promise<void>): Promise<void> {
  const releasing = release();
  await Promise.race([releasing, pause(400)]);
  await Promise.all([goOn(), releasing]);
}

async function marks(): Promise<{ has_work: boolean; owned: boolean; queued: number }> {
  const [row] = await database.query<{ has_work: boolean; owned: boolean; queued: number }>(
    `select has_work, owner is not null as owned, (select count(*) from outgoing)::int as queued from lanes`,
  );
  return row as { has_work: boolean; owned: boolean; queued: number };
}

describe('DISPATCH 18: has_work', () => {
  it('stays set for an accept that comes between the clearing and the look', async () => {
    await workOff();
    let accepting: Promise<string> | undefined;
    await release(async () => {
      accepting = send(gateway, tenant);
      await pause(150);
    });
    await accepting;
    expect(await marks()).toEqual({ has_work: true, owned: false, queued: 1 });
  });

  it('stays set for an accept that committed just before the clearing', async () => {
    await workOff();
    await send(gateway, tenant);
    await release();
    expect(await marks()).toEqual({ has_work: true, owned: false, queued: 1 });
  });

  it.each(['before', 'after'] as const)(
    'stays set for an accept that takes its time %s its rows are inserted',
    async (when) => {
      await workOff();
      await database.query(`create function hesitate() returns trigger language plpgsql set lock_timeout = '20s'
        as $$ begin perform pg_advisory_xact_lock(1); return null; end $$`);
      // Both commits may come in any order: the accept may have looked at the mark before it was cleared.
      await database.query(
        `create trigger hesitate ${when} insert on outgoing for each statement execute function hesitate()`,
      );
      const held = await holdTransaction(database, 'select pg_advisory_xact_lock(1)');
      const accepting = send(gateway, tenant);
      await waitsForLock(database, 'advisory');
      await releaseBeside(() => held.release());
      await accepting;
      expect(await marks()).toEqual({ has_work: true, owned: false, queued: 1 });
    },
  );

  it('stays set for an accept whose rows are there, and whose COMMIT is late', async () => {
    await workOff();
    const gate = await closeGate(database, 'insert on outgoing');
    const accepting = send(gateway, tenant);
    await gate.reached();
    await releaseBeside(() => gate.open());
    await accepting;
    expect(await marks()).toEqual({ has_work: true, owned: false, queued: 1 });
  });

  it('is never lost, however accepts and releases fall together', async () => {
    for (let round = 0; round < 40; round += 1) {
      await workOff();
      const accepting = pause(randomInt(0, 4)).then(() => send(gateway, tenant));
      await pause(randomInt(0, 6));
      await release();
      await accepting;
      expect(await marks()).toMatchObject({ has_work: true, queued: 1 });
    }
  });

  it('is cleared where there is no work', async () => {
    await workOff();
    await release();
    expect(await marks()).toEqual({ has_work: false, owned: false, queued: 0 });
  });

  it('comes back by the scan of the queue where it was lost, for those lanes alone', async () => {
    const idle = await createTenant(gateway, {}, 'Without work');
    await send(gateway, tenant);
    await database.query('update lanes set has_work = false');
    const heard: string[] = [];
    gateway.get(LaneSignals).onWork((accountId) => heard.push(accountId));
    // A gateway without loops has none of its own.
    const reconciler = new Reconciler(
      gateway.get(Database),
      gateway.get(ScheduledPromoter),
      gateway.get(MessageEnder),
      gateway.get(PartitionKeeper),
      gateway.get(LaneSignals),
      gateway.get(Configuration),
      gateway.app.get(Log),
    );
    await reconciler.scanQueue();
    const rows = await database.query<{ account_id: string }>(
      'select account_id from lanes where has_work',
    );
    const accountId = readId('acc', tenant.accountId);
    expect(rows).toEqual([{ account_id: accountId }]);
    expect(heard).toEqual([accountId]);
    expect(idle.accountId).not.toBe(tenant.accountId);
  });
});

describe('DISPATCH 18: hints', () => {
  let sandbox: Sandbox;
  let workers: TestGateway[];

  beforeEach(async () => {
    sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
    workers = [];
  });

  afterEach(async () => {
    for (const started of workers) await started.close();
    await sandbox.close();
  });

  async function startWorker(directUrl = database.address.directUrl): Promise<TestGateway> {
    const { url, ownerUrl, poolSize } = database.address;
    const started = await startGateway({
      database: { ...database, address: new DatabaseAddress(url, ownerUrl, directUrl, poolSize) },
      providerUrl: sandbox.url,
      roles: ['worker'],
    });
    workers.push(started);
    return started;
  }

  it('NOTIFY tells another process of the lane, once its accept has committed', async () => {
    const other = await startWorker();
    await listensForWork(database);
    const heard: string[] = [];
    other.get(LaneSignals).onWork((accountId) => heard.push(accountId));
    await send(gateway, tenant);
    await eventually(async () => heard.includes(readId('acc', tenant.accountId) ?? ''), {
      what: 'a hint',
    });
  });

  it('LISTEN comes back after its connection was lost', async () => {
    await startWorker();
    await listensForWork(database);
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'tyrian signals'`,
    );
    await pause(50);
    await listensForWork(database);
  });

  it('are not needed: where LISTEN is impossible, work is found all the same', async () => {
    await startWorker('postgres://nobody@127.0.0.1:9/nowhere');
    await pause(1_200);
    const id = await send(gateway, tenant);
    await eventually(async () => (await read(gateway, tenant, id)).status !== 'queued');
  });
});
