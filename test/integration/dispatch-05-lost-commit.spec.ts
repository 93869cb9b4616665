import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Dispatcher } from '../../apps/gateway/src/lanes/dispatcher.js';
import { startDatabaseProxy, type DatabaseProxy } from '../support/database-proxy.js';
import { call, eventually } from '../support/gateway.js';
import { holdTransaction } from '../support/held-transaction.js';
import type { ProviderRequest } from '../support/provider.js';
import { pause, type Steps } from '../support/steps.js';
import { World } from '../support/world.js';

let world: World;
let proxy: DatabaseProxy;
/** The owner of the lane, which reaches the database over the proxy; the API has a way of its own. */
let owner: Steps;
/** Of each message that came to the provider: whether it stood in an intent at that moment. */
let recorded: Map<unknown, boolean>;

beforeEach(async () => {
  // The budget of an intent outlives every delay of a test.
  world = await World.start({ variables: { LEASE_MS: '60000', GRACE_MS: '70000' } });
  proxy = await startDatabaseProxy(world.database.address.url);
  owner = await world.worker({ databaseUrl: proxy.url });
  recorded = new Map();
  world.onSend = (request) => void meet(request);
}, 30_000);

afterEach(async () => {
  proxy.mend();
  await world.close();
  await proxy.close();
});

async function meet(request: ProviderRequest): Promise<void> {
  const text = request.body['text'];
  const found = await world.database.query(
    `select from messages m join intents i on m.id = any(i.message_ids) where m.text = $1`,
    [text],
  );
  recorded.set(text, found.length === 1);
  request.accept(world.nextId());
}

async function ownAndPage(): Promise<void> {
  await owner.own();
  await owner.page();
  await pause(60);
}

/** Asks for an intent whose COMMIT goes unanswered; from then on the owner does not reach the database. */
async function loseTheIntent(): Promise<void> {
  const lost = proxy.loseCommitAfter(/insert into intents/);
  owner.gateway.get(Dispatcher).pumpAll();
  await lost;
  expect(await world.count('intents')).toBe(1);
}

/** Lets the owner go on until nothing is on the wire, and what was left is read and sent as well. */
async function goOn(): Promise<void> {
  proxy.mend();
  await owner.settled();
  await eventually(async () => {
    await owner.beat();
    await owner.pump();
    await owner.settled();
    return (await world.count('outgoing')) === 0;
  });
}

const rowOf = (text: string) => `(select id from messages where messages.text = '${text}' limit 1)`;

describe('DISPATCH 5: an intent that runs again after a lost COMMIT', () => {
  it('lets out nothing that does not stand in it: a row that was held at first, and is free now', async () => {
    await world.send({ text: 'free' });
    await world.send({ text: 'held' });
    await ownAndPage();
    const held = await holdTransaction(
      world.database,
      `select 1 from outgoing where message_id = ${rowOf('held')} for update`,
    );
    await loseTheIntent();
    await held.release();
    await goOn();
    expect(recorded).toEqual(
      new Map([
        ['free', true],
        ['held', true],
      ]),
    );
    expect(world.sends).toHaveLength(2);
    expect(await world.count('intents')).toBe(0);
    expect(await world.count(`awaiting where status = 'sent' and attempt = 1`)).toBe(2);
  });

  it('leaves nothing in it that is not let out: a row whose validity was over before the second try', async () => {
    const over = await world.send({ text: 'over' });
    const good = await world.send({ text: 'good' });
    await ownAndPage();
    await loseTheIntent();
    await world.database.query(
      `update outgoing set expires_at = app_clock() + interval '20 seconds' where message_id = ${rowOf('over')}`,
    );
    proxy.mend();
    await owner.settled();
    expect(await world.read(over)).toMatchObject({ status: 'expired', attempts: 0 });
    expect((await world.read(good)).status).toBe('sent');
    expect(recorded).toEqual(new Map([['good', true]]));
    expect(await world.count('intents')).toBe(0);
  });

  it('leaves no intent behind where nothing of it goes out any more', async () => {
    const id = await world.send({ text: 'over' });
    await ownAndPage();
    await loseTheIntent();
    await world.database.query(
      `update outgoing set expires_at = app_clock() + interval '20 seconds'`,
    );
    proxy.mend();
    await owner.settled();
    expect((await world.read(id)).status).toBe('expired');
    expect(await world.count('intents')).toBe(0);
  });

  it('is taken back where the account was paused meanwhile: its messages can be cancelled', async () => {
    const id = await world.send();
    await ownAndPage();
    await loseTheIntent();
    const api = { token: world.tenant.apiKey, body: {}, expect: 200 };
    await call(world.steps.gateway, 'POST', `/v1/accounts/${world.tenant.accountId}/pause`, api);
    proxy.mend();
    await owner.settled();
    expect((await world.read(id)).status).toBe('queued');
    expect(await world.count('intents')).toBe(0);
    await call(world.steps.gateway, 'POST', `/v1/messages/${id}/cancel`, api);
    expect(world.sends).toHaveLength(0);
  });

  it('touches nothing where the lane was taken over meanwhile: the next owner has judged it', async () => {
    const id = await world.send();
    await ownAndPage();
    await loseTheIntent();
    await world.database.query('update lanes set token = token + 1');
    proxy.mend();
    await owner.settled();
    expect(owner.lanes.size).toBe(0);
    expect(await world.count('intents')).toBe(1);
    expect(world.sends).toHaveLength(0);
    expect((await world.read(id)).status).toBe('sending');
  });

  it('waits for the first try that is still in its COMMIT', async () => {
    const id = await world.send({ text: 'once' });
    await ownAndPage();
    await world.database.query(`create function wait_at_gate() returns trigger language plpgsql
      as $$ begin perform pg_advisory_xact_lock(1); return null; end $$`);
    // Deferred: the intent is inserted, and waits in its COMMIT.
    await world.database.query(`create constraint trigger gate after insert on intents
      deferrable initially deferred for each row execute function wait_at_gate()`);
    const gate = await holdTransaction(world.database, 'select pg_advisory_xact_lock(1)');
    owner.gateway.get(Dispatcher).pumpAll();
    const waiting = (on: string) =>
      eventually(async () => (await world.count(`pg_locks where not granted and ${on}`)) > 0);
    await waiting(`locktype = 'advisory'`);
    proxy.cut();
    proxy.mend();
    await waiting(`locktype = 'transactionid'`);
    expect(world.sends).toHaveLength(0);
    await gate.release();
    await goOn();
    expect(recorded).toEqual(new Map([['once', true]]));
    expect(world.sends).toHaveLength(1);
    expect(await world.count('intents')).toBe(0);
    expect(await world.read(id)).toMatchObject({ status: 'sent', attempts: 1 });
  });
});
