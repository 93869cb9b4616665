import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GraceReturner } from '../../apps/gateway/src/lanes/grace-returner.js';
import type { LaneState } from '../../apps/gateway/src/lanes/lane-state.js';
import { ScheduledPromoter } from '../../apps/gateway/src/messages/index.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { eventually, startGateway } from '../support/gateway.js';
import { holdTransaction } from '../support/held-transaction.js';
import { skipTime } from '../support/monotonic-time.js';
import type { Steps } from '../support/steps.js';
import { World } from '../support/world.js';

let world: World;

beforeEach(async () => {
  world = await World.start();
});

afterEach(() => world.close());

const onlyLane = (steps: Steps): LaneState => steps.lanes.all()[0] as LaneState;

/** Everything in the queue now has stood there for ten minutes: longer than the pager reads back each second. */
async function ageQueue(): Promise<void> {
  await world.database.query(
    `update outgoing set pos = uuid_v7_floor(uuid_v7_time(pos) - interval '10 minutes')`,
  );
}

/** Reads as often as the loop does in a second, a minute before the next reading from the head is due. */
async function readForASecond(steps: Steps): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    skipTime(steps.gateway, 250);
    await steps.page();
  }
}

describe('DISPATCH 17: what comes back before all that was read is found at once, not with the next minute', () => {
  it('a row that somebody else held while its lane went on', async () => {
    const held = await world.send({ text: 'held' });
    await world.send({ text: 'next' });
    await ageQueue();
    await world.steps.own();
    await world.steps.page();
    const holder = await holdTransaction(
      world.database,
      `select from outgoing where message_id = (select id from messages where text = 'held') for update`,
    );
    await world.steps.pump();
    await world.steps.settled();
    expect(world.sentTexts).toEqual(['next']);
    await holder.release();
    await readForASecond(world.steps);
    await world.send({ text: 'younger' });
    await world.steps.beat();
    await world.steps.pump();
    await world.steps.settled();
    await eventually(async () => (await world.read(held)).status === 'sent');
    expect(world.sends).toHaveLength(3);
  });

  it('a message whose grace is over, though the answer to the COMMIT of its return was lost', async () => {
    const proxy = await startDatabaseProxy(world.database.address.url);
    try {
      const owner = await world.worker({ databaseUrl: proxy.url });
      world.onSend = (request) => request.reset();
      const id = await world.send({ delivery_mode: 'at_least_once' });
      await ageQueue();
      await owner.own();
      await owner.pump();
      await owner.settled();
      world.onSend = (request) => request.accept(world.nextId());
      await world.database.query('update awaiting set retry_at = app_clock()');
      await owner.refresh();
      const lost = proxy.loseCommitAfter(/update awaiting a set retry_at = null/);
      const returning = owner.gateway.get(GraceReturner).runOnce();
      await lost;
      await returning;
      expect(onlyLane(owner).readFromHead).toBe(true);
      expect(await world.count('outgoing where attempt = 2')).toBe(1);
      proxy.mend();
      await readForASecond(owner);
      expect(onlyLane(owner).buffer.size).toBe(1);
      await eventually(async () => {
        await owner.beat();
        await owner.pump();
        return (await world.read(id)).status === 'sent';
      });
      expect(await world.read(id)).toMatchObject({ attempts: 2, possible_duplicate: true });
    } finally {
      proxy.mend();
      await proxy.close();
    }
  });

  it('a scheduled message that comes into the queue late, by whichever process', async () => {
    const working = await startGateway({
      database: world.database,
      providerUrl: world.provider.url,
    });
    try {
      await world.send({ text: 'before' });
      await world.sent(1);
      await world.send({
        text: 'late',
        send_at: new Date(Date.now() + 3_600_000).toISOString(),
      });
      await world.database.query(
        `update scheduled set due_at = app_clock() - interval '10 minutes'`,
      );
      await world.steps.gateway.get(ScheduledPromoter).promote(100);
      await eventually(async () => world.sentTexts.includes('late'), { withinMs: 8_000 });
    } finally {
      await working.close();
    }
  });
});
