import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Dispatcher } from '../../apps/gateway/src/lanes/dispatcher.js';
import { closeGate, waitsForLock } from '../support/commit-gate.js';
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
  world = await World.start({ variables: { LEASE_MS: '60000', GRACE_MS: '75000' } });
  proxy = await startDatabaseProxy(world.database.address.url);
  owner = await world.worker({ databaseUrl: proxy.url });
  recorded = new Map();
  world.onSend = (request) => void meet(request);
});

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
    const gate = await closeGate(world.database, 'insert on intents');
    owner.gateway.get(Dispatcher).pumpAll();
    await gate.reached();
    proxy.cut();
    proxy.mend();
    await waitsForLock(world.database, 'transactionid');
    expect(world.sends).toHaveLength(0);
    await gate.open();
    await goOn();
    expect(recorded).toEqual(new Map([['once', true]]));
    expect(world.sends).toHaveLength(1);
    expect(await world.count('intents')).toBe(0);
    expect(await world.read(id)).toMatchObject({ status: 'sent', attempts: 1 });
  });
});

describe('DISPATCH 6: a settle whose COMMIT went unanswered', () => {
  const rateLimited =
    '{"name":"Too Many Requests","message":"Rate limit exceeded.","code":0,"status":429}';
  const refused = '{"name":"Invalid Parameter: [text]","message":"","code":1,"status":400}';
  let asked: ProviderRequest[];

  beforeEach(() => {
    asked = [];
    world.onSend = (request) => asked.push(request);
  });

  async function onTheWire(): Promise<string> {
    const id = await world.send({ text: 'once' });
    // So old that only a reading from the head finds it again.
    await world.database.query(
      `update outgoing set pos = uuid_v7_floor(app_clock() - interval '10 minutes')`,
    );
    await ownAndPage();
    owner.gateway.get(Dispatcher).pumpAll();
    await eventually(async () => asked.length === 1, { what: 'the message on the wire' });
    return id;
  }

  async function loseTheSettle(answer: (request: ProviderRequest) => void): Promise<void> {
    const lost = proxy.loseCommitAfter(/left_open/);
    answer(asked[0] as ProviderRequest);
    await lost;
    proxy.mend();
    await owner.settled();
  }

  it.each<[string, (request: ProviderRequest) => void, string, number]>([
    ['taken', (request) => request.accept(77), 'sent', 1],
    ['refused', (request) => request.answer(200, refused), 'rejected', 0],
    ['unknown', (request) => request.reset(), 'uncertain', 1],
  ])(
    'is found written, and tells nothing twice: %s by the provider',
    async (_, answer, status, followed) => {
      const id = await onTheWire();
      await loseTheSettle(answer);
      expect(await world.read(id)).toMatchObject({ status, attempts: 1 });
      expect(await world.count(`events where type = 'attempt'`)).toBe(1);
      expect(await world.count('awaiting')).toBe(followed);
      expect(await world.count('outgoing')).toBe(0);
      expect(await world.count('intents')).toBe(0);
      expect(owner.lanes.size).toBe(1);
      expect(owner.lanes.all()[0]?.isIdle).toBe(true);
    },
  );

  it('leaves in the queue what surely was not sent, and its owner finds it again at once', async () => {
    const id = await onTheWire();
    await loseTheSettle((request) => request.answer(429, rateLimited));
    expect(await world.count('outgoing where attempt = 2')).toBe(1);
    expect((await world.read(id)).status).toBe('queued');
    world.onSend = (request) => request.accept(77);
    await goOn();
    expect(await world.read(id)).toMatchObject({
      status: 'sent',
      attempts: 2,
      possible_duplicate: false,
    });
    expect(world.sends).toHaveLength(2);
  });

  it('waits for the first try that is still in its COMMIT', async () => {
    const id = await onTheWire();
    const gate = await closeGate(world.database, 'insert on awaiting');
    asked[0]?.accept(77);
    await gate.reached();
    proxy.cut();
    proxy.mend();
    await waitsForLock(world.database, 'transactionid');
    await gate.open();
    await owner.settled();
    expect(await world.read(id)).toMatchObject({ status: 'sent', provider_message_id: '77' });
    expect(await world.count('awaiting')).toBe(1);
    expect(await world.count('intents')).toBe(0);
    expect(owner.lanes.size).toBe(1);
  });
});
