import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WorkerPresence } from '../../apps/gateway/src/lanes/worker-presence.js';
import { ReceiptFold } from '../../apps/gateway/src/receipts/receipt-fold.js';
import { closeGate, waitsForLock } from '../support/commit-gate.js';
import { createTenant, eventually } from '../support/gateway.js';
import { holdTransaction, waitForHeldLocks } from '../support/held-transaction.js';
import { beatForALease, skipTime } from '../support/monotonic-time.js';
import type { ProviderRequest } from '../support/provider.js';
import { read, send, type Steps } from '../support/steps.js';
import { callbackUrl, tell, World } from '../support/world.js';

const rateLimited =
  '{"name":"Too Many Requests","message":"Rate limit exceeded.","code":0,"status":429}';

/** The provider's number for it. */
const delivered = 1;

interface LaneRow {
  readonly owner: string | null;
  readonly token: number;
}

let world: World;
let heir: Steps;
/** Sends that wait for their answers: a second later they time out. */
let asked: ProviderRequest[];

beforeEach(async () => {
  world = await World.start();
  heir = await world.worker();
  asked = [];
  world.onSend = (request) => asked.push(request);
});

afterEach(async () => {
  // Nobody waits for the time-outs of what was left without an answer.
  for (const request of asked) request.reset();
  await world.close();
});

async function onTheWire(...messages: Record<string, unknown>[]): Promise<string[]> {
  const ids: string[] = [];
  for (const message of messages) ids.push(await world.send(message));
  await world.steps.own();
  await world.steps.pump();
  await eventually(async () => asked.length === messages.length, { what: 'all on the wire' });
  return ids;
}

const requestOf = (text: string): ProviderRequest => {
  const request = asked.find(({ body }) => body['text'] === text);
  if (!request) throw new Error(`${text} was not sent`);
  return request;
};

const lane = async (): Promise<LaneRow> => {
  const [row] = await world.database.query<LaneRow>('select owner, token::int from lanes');
  return row as LaneRow;
};

const lostWorkers = () => world.count('workers where lost_at is not null');
const idOf = (steps: Steps) => steps.gateway.get(WorkerPresence).id;

/** The owner has been silent for an hour, as the database sees it. */
async function silenceOwner(): Promise<void> {
  await world.database.query(
    `update workers set heartbeat_at = app_clock() - interval '1 hour' where id = $1`,
    [idOf(world.steps)],
  );
}

describe('DISPATCH 7: when', () => {
  it('not before a full lease of own heartbeats', async () => {
    await onTheWire({});
    await silenceOwner();
    await heir.beat();
    for (const ms of [10_000, 5_000, 5_000]) {
      skipTime(heir.gateway, ms);
      await heir.beat();
    }
    await heir.keep();
    expect(await lostWorkers()).toBe(0);
    expect(heir.lanes.size).toBe(0);
    skipTime(heir.gateway, 10_000);
    await heir.beat();
    await heir.keep();
    expect(await lostWorkers()).toBe(1);
    expect(await lane()).toMatchObject({ owner: idOf(heir) });
  });

  it('not after a gap in own heartbeats: a database that was away for a minute has killed nobody', async () => {
    await onTheWire({});
    await beatForALease(heir.gateway);
    // Nobody reached the database for a minute; the heir is back first.
    await silenceOwner();
    skipTime(heir.gateway, 60_000);
    await heir.beat();
    await heir.keep();
    expect(await lostWorkers()).toBe(0);
    await world.steps.beat();
    await beatForALease(heir.gateway);
    await heir.keep();
    expect(await lostWorkers()).toBe(0);
    expect(await lane()).toMatchObject({ owner: idOf(world.steps) });
    expect(world.steps.lanes.size).toBe(1);
  });

  it('not from an owner whose heartbeat is younger than its own lease', async () => {
    await onTheWire({});
    await world.database.query(
      `update workers set heartbeat_at = app_clock() - interval '10 seconds', lease_ms = 25000 where id = $1`,
      [idOf(world.steps)],
    );
    await beatForALease(heir.gateway);
    await heir.keep();
    expect(await lostWorkers()).toBe(0);
    expect(heir.lanes.size).toBe(0);
  });
});

describe('DISPATCH 7: what becomes of the open intents', () => {
  it('an id whose queue row still has the attempt is unknown, any other is settled', async () => {
    await beatForALease(heir.gateway);
    const [hanging, answered, again] = await onTheWire(
      { text: 'hanging' },
      { text: 'answered' },
      { text: 'again' },
    );
    requestOf('answered').accept(1);
    await eventually(async () => (await world.count('awaiting')) === 1, { what: 'one settled' });
    world.steps.letNothingMoreOut();
    requestOf('again').answer(429, rateLimited);
    await eventually(async () => (await world.count('outgoing where attempt = 2')) === 1);
    const queued = await world.send({ text: 'queued' });
    const before = await lane();
    await silenceOwner();
    await heir.keep();

    expect(await lane()).toEqual({ owner: idOf(heir), token: before.token + 1 });
    expect(await world.count('intents')).toBe(0);
    const statuses = [hanging, answered, again, queued].map((id) => world.read(id as string));
    expect((await Promise.all(statuses)).map(({ status }) => status)).toEqual([
      'uncertain',
      'sent',
      'queued',
      'queued',
    ]);
    expect(await world.count(`events where type = 'owner_lost'`)).toBe(1);

    world.onSend = (request) => request.accept(world.nextId());
    await heir.pump();
    await heir.settled();
    const sentOnce = ['answered', 'hanging', 'queued'];
    expect(world.sentTexts.filter((text) => text !== 'again')).toHaveLength(sentOnce.length);
    expect(world.sentTexts).toEqual(expect.arrayContaining(['again', ...sentOnce]));
    expect(world.sentTexts.filter((text) => text === 'again')).toHaveLength(2);
    expect(await world.read(again as string)).toMatchObject({
      status: 'sent',
      possible_duplicate: false,
    });
  });

  it('at_least_once: waits for its grace, then is sent again by the new owner, as a possible duplicate', async () => {
    await beatForALease(heir.gateway);
    const [id] = await onTheWire({ delivery_mode: 'at_least_once' });
    await silenceOwner();
    await heir.keep();
    expect(await world.count(`awaiting where retry_at > app_clock() + interval '40 seconds'`)).toBe(
      1,
    );
    await heir.returnFromGrace();
    expect(await world.count('outgoing')).toBe(0);
    world.onSend = (request) => request.accept(4_712);
    await world.database.moveClock(50_000);
    await heir.beat();
    await heir.returnFromGrace();
    await heir.pump();
    await heir.settled();
    expect(await world.read(id as string)).toMatchObject({
      status: 'sent',
      attempts: 2,
      possible_duplicate: true,
      provider_message_id: '4712',
    });
  });

  it('waits for a transaction that holds the lane: its intent or settle is seen whole, or fenced out', async () => {
    await onTheWire({});
    await beatForALease(heir.gateway);
    await silenceOwner();
    const before = await lane();
    waitForHeldLocks(heir.gateway);
    const held = await holdTransaction(world.database, 'select 1 from lanes for key share');
    const taking = heir.keep();
    await waitsForLock(world.database, 'transactionid');
    expect(await lane()).toEqual(before);
    await held.release();
    await taking;
    expect((await lane()).token).toBe(before.token + 1);
  });
});

describe('DISPATCH 7: an intent that stands in its COMMIT', () => {
  it('is waited for, and what goes out by it is called unknown', async () => {
    await beatForALease(heir.gateway);
    const id = await world.send();
    await world.steps.own();
    const gate = await closeGate(world.database, 'insert on intents');
    await world.steps.pump();
    await gate.reached();
    const before = await lane();
    await silenceOwner();
    const keeping = heir.keep().catch(() => undefined);
    await Promise.race([keeping, waitsForLock(world.database, 'transactionid')]);
    await gate.open();
    await keeping;
    await eventually(async () => asked.length === 1, {
      what: 'what its owner had a right to send',
    });
    // Where it took longer than a lock is waited for, the next tick does it.
    await heir.keep();
    expect(await lane()).toEqual({ owner: idOf(heir), token: before.token + 1 });
    expect((await world.read(id)).status).toBe('uncertain');
    expect(await world.count('intents')).toBe(0);
  });
});

describe('DISPATCH 7: a callback that is folded at the same moment', () => {
  it('is waited for: what it has ended is not called unknown', async () => {
    await beatForALease(heir.gateway);
    const [id] = await onTheWire({ text: 'hanging' });
    await tell(callbackUrl(requestOf('hanging')), delivered, 77);
    await silenceOwner();
    const gate = await closeGate(world.database, 'update on receipts');
    const folding = world.steps.gateway.get(ReceiptFold).runOnce();
    await gate.reached();
    const keeping = heir.keep().catch(() => undefined);
    await waitsForLock(world.database, 'transactionid');
    await gate.open();
    await Promise.all([folding, keeping]);
    // Where it took longer than a lock is waited for, the next tick does it.
    await heir.keep();
    expect(heir.lanes.size).toBe(1);
    expect((await world.read(id as string)).status).toBe('delivered');
    expect(await world.count('awaiting')).toBe(0);
    expect(await world.count(`outbox where type = 'message.uncertain'`)).toBe(0);
    expect(await world.count('outgoing')).toBe(0);
    expect(await world.count('intents')).toBe(0);
  });
});

describe('DISPATCH 7: two that take over at once', () => {
  /** Both stand in front of the lane before either gets it. */
  async function bothWait(): Promise<void> {
    await eventually(
      async () =>
        (await world.count(
          `pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%with wanted as%'`,
        )) === 2,
      { what: 'two that wait' },
    );
  }

  it('one wins: the token grows once, and the open intent is judged once', async () => {
    const rival = await world.worker();
    const heirs = [heir, rival];
    for (const { gateway } of heirs) await beatForALease(gateway);
    const [id] = await onTheWire({});
    const before = await lane();
    await silenceOwner();
    for (const { gateway } of heirs) waitForHeldLocks(gateway);
    const held = await holdTransaction(world.database, 'select 1 from lanes for update');
    const keeping = Promise.all(heirs.map((one) => one.keep()));
    await bothWait();
    await held.release();
    await keeping;
    expect(heirs.filter((one) => one.lanes.size === 1)).toHaveLength(1);
    expect((await lane()).token).toBe(before.token + 1);
    expect(await world.count(`events where type = 'owner_lost'`)).toBe(1);
    expect((await world.read(id as string)).status).toBe('uncertain');
    const winner = heirs.find((one) => one.lanes.size === 1) as Steps;
    expect((await lane()).owner).toBe(idOf(winner));
  });

  it('of free lanes with work, too, each goes to one', async () => {
    await world.send();
    const heirs = [heir, world.steps];
    for (const one of heirs) await one.beat();
    for (const { gateway } of heirs) waitForHeldLocks(gateway);
    const held = await holdTransaction(world.database, 'select 1 from lanes for update');
    const keeping = Promise.all(heirs.map((one) => one.keep()));
    await bothWait();
    await held.release();
    await keeping;
    expect(heirs.filter((one) => one.lanes.size === 1)).toHaveLength(1);
    expect((await lane()).token).toBe(1);
  });
});

describe('DISPATCH 7: the one that was lost', () => {
  it('drops its lanes with its next heartbeat, and goes on under a new name', async () => {
    await beatForALease(heir.gateway);
    await onTheWire({});
    await silenceOwner();
    await heir.keep();
    const former = idOf(world.steps);
    await world.steps.beat();
    expect(idOf(world.steps)).not.toBe(former);
    expect(world.steps.lanes.size).toBe(0);
    expect(await world.count(`workers where id = '${former}' and lost_at is not null`)).toBe(1);
    expect(await world.count(`workers where id = '${idOf(world.steps)}' and lost_at is null`)).toBe(
      1,
    );

    const other = await createTenant(world.steps.gateway, {}, 'Other tenant');
    await world.setRate(5_000);
    const id = await send(world.steps.gateway, other, { text: 'under the new name' });
    world.onSend = (request) => request.accept(1);
    await world.steps.own();
    await world.steps.pump();
    await world.steps.settled();
    expect((await read(world.steps.gateway, other, id)).status).toBe('sent');
    expect(world.steps.lanes.size).toBe(1);
    expect(heir.lanes.size).toBe(1);
  });

  it('has to wait for a full lease under its new name before it takes over anything', async () => {
    await world.send();
    await heir.own();
    await beatForALease(world.steps.gateway);
    await world.database.query('update workers set lost_at = app_clock() where id = $1', [
      idOf(world.steps),
    ]);
    await world.database.query(
      `update workers set heartbeat_at = app_clock() - interval '1 hour' where id = $1`,
      [idOf(heir)],
    );
    await world.steps.beat();
    await world.steps.keep();
    expect(await world.count(`workers where id = '${idOf(heir)}' and lost_at is null`)).toBe(1);
    expect(world.steps.lanes.size).toBe(0);
  });
});
