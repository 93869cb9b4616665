import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { createTenant, startGateway } from '../../support/gateway.js';
import { send } from '../../support/steps.js';
import { auditFences, fenceBreaks } from './fence-audit.js';
import { fencings, watchWorkers, workersOf, type Connected } from './owners.js';

let database: TestDatabase;
let owner: Session;
let former: Session;
let message: { tenant_id: string; id: string; account_id: string };

/** A replica's connection to the database, as the audit sees it. */
interface Session {
  readonly replica: Connected;
  readonly worker: string;
  readonly client: pg.Client;
}

async function connect(name: string): Promise<Session> {
  const connectionString = Object.assign(new URL(process.env['TYRIAN_TEST_PG_URL'] as string), {
    pathname: database.name,
  }).href;
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { localPort } = (client as unknown as { connection: { stream: Socket } }).connection.stream;
  const worker = randomUUID();
  const made = { port: localPort ?? 0, from: Date.now(), to: null };
  return { replica: { name, toDatabase: { history: [made] } }, worker, client };
}

beforeAll(async () => {
  database = await createTestDatabase();
  const gateway = await startGateway({
    database,
    providerUrl: 'http://127.0.0.1:9',
    roles: ['api'],
  });
  await send(gateway, await createTenant(gateway));
  await gateway.close();
  const [sent] = await database.query<typeof message>(
    'select tenant_id, id, account_id from messages',
  );
  message = sent!;
  await watchWorkers(database);
  await auditFences(database);
  [former, owner] = [await connect('former'), await connect('owner')];
  for (const { client, worker } of [former, owner])
    await client.query(`insert into workers (id, version, lease_ms) values ($1, 'test', 3000)`, [
      worker,
    ]);
  await database.query('update lanes set owner = $1, token = 4', [former.worker]);
}, 60_000);

afterAll(async () => {
  await Promise.all([former.client.end(), owner.client.end()]);
  await database.drop();
});

function intend(session: Session, token: number): Promise<unknown> {
  const { tenant_id, account_id, id } = message;
  return session.client.query(
    `insert into intents (tenant_id, id, account_id, token, epoch, owner, message_ids, attempts)
      values ($1, gen_random_uuid(), $2, $3, 1, $4, array[$5::uuid], array[1])`,
    [tenant_id, account_id, token, session.worker, id],
  );
}

function settle(session: Session): Promise<unknown> {
  const { tenant_id, id } = message;
  return session.client.query(
    `insert into events (tenant_id, message_id, id, at, type, attempt)
      values ($1, $2, gen_random_uuid(), now(), 'attempt', 1)`,
    [tenant_id, id],
  );
}

const breaks = async (): Promise<number> =>
  (await fenceBreaks(database, [former.replica, owner.replica])).breaks.length;

describe('the audit of fences', () => {
  it('tells replicas by their connections', async () => {
    expect(await workersOf(database, former.replica)).toEqual([former.worker]);
    expect(await workersOf(database, owner.replica)).toEqual([owner.worker]);
  });

  it('takes what the owner writes, notes a takeover, and finds each later write of the former one', async () => {
    await intend(former, 4);
    await settle(former);
    expect(await breaks()).toBe(0);

    await database.query('update lanes set owner = $1, token = 5', [owner.worker]);
    expect(await fencings(database)).toMatchObject([
      { owner: former.worker, openIds: [message.id] },
    ]);
    await intend(owner, 5);
    await settle(owner);
    expect(await breaks()).toBe(0);

    await intend(former, 4);
    expect(await breaks()).toBe(1);
    await settle(former);
    expect(await breaks()).toBe(2);
    await former.client.query('update outgoing set attempt = attempt + 1');
    expect(await breaks()).toBe(3);
    const { writes } = await fenceBreaks(database, [former.replica, owner.replica]);
    expect(writes).toBe(7);
  });
});
