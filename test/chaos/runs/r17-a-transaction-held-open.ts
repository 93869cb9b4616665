import { setTimeout as delay } from 'node:timers/promises';
import type { LoadClient } from '../harness/load-client.js';
import { percentile } from '../harness/percentile.js';
import { waitsOf } from '../harness/provider-journal.js';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  /** New messages a second. */
  readonly rate: number;
  /** How long it is measured before, and how long the transaction is open. */
  readonly aloneSeconds: number;
  readonly heldSeconds: number;
}

const mostTimes = 3;
/** So near to what it was before counts as back. */
const backTimes = 1.5;
const backWithinSeconds = 300;
const windowSeconds = 10;
const warmUpMs = 15_000;
/** From the last acceptance of a window until all of it stands in the provider's journal, as long as all is well. */
const settleSeconds = 2;

/** What a transaction keeps from being cleaned up lies in the way of those who read the queue. */
export const r17 = defineRun<Size>({
  name: 'R17',
  promise:
    "a transaction held open for minutes under load: the send loop's p99 <= 3 x, back within 5 minutes",
  tiers: {
    short: { rounds: 1, size: { rate: 25, aloneSeconds: 10, heldSeconds: 20 } },
    full: { rounds: 1, size: { rate: 150, aloneSeconds: 60, heldSeconds: 600 } },
  },
  async round(scene, { rate, aloneSeconds, heldSeconds }) {
    const { findings } = scene;
    const world = await scene.world();
    await world.postgres.query('update connection_states set learned_limit = rate');
    const load = world.load({ rate, count: 1_000_000, patienceMs: 120_000 });
    // Until lanes are owned and what came before is sent.
    await delay(warmUpMs);
    const aloneMs = await measure(world, load, aloneSeconds);
    scene.say(`p99 from acceptance to the provider ${aloneMs} ms`);
    const holder = await world.postgres.session();
    // With an id of its own, as a transaction that has written has: it is seen by all as under way.
    await holder.query('begin isolation level repeatable read');
    await holder.query('select count(*), pg_current_xact_id() from messages');
    await delay((heldSeconds * 1_000) / 2);
    const heldMs = await measure(world, load, heldSeconds / 2);
    findings.count('dead_rows_of_the_queue', await deadRows(world));
    scene.say(`${heldMs} ms while a transaction was open for ${heldSeconds} s`);
    await holder.query('rollback');
    await holder.end();
    const backAfter = await secondsUntilBack(scene, world, load, aloneMs);
    const { begun, acknowledged } = await load.stop();
    findings.highest('max_p99_alone_ms', aloneMs);
    findings.highest('max_p99_held_ms', heldMs);
    findings.highest('max_seconds_until_back', backAfter);
    findings.atMost('p99 in % of what it was before', times100(heldMs, aloneMs), mostTimes * 100);
    findings.atMost('seconds until it was back', backAfter, backWithinSeconds);
    findings.exactly('clients that were never told 202', begun - acknowledged, 0);
    findings.exactly('everything has its fate', String(await world.quiesce(120_000)), 'true');
    findings.judged(await world.judge());
  },
});

/** p99 of the time from acceptance to the provider, of what begins in the seconds to come; in milliseconds. */
async function measure(world: World, load: LoadClient, seconds: number): Promise<number> {
  const first = load.sent;
  await delay(seconds * 1_000);
  const last = load.sent;
  await delay(settleSeconds * 1_000);
  const isOne = (n: number): boolean => n >= first && n < last;
  const waits = await waitsOf(world, isOne);
  // What the provider has not seen by then has waited for so long at least.
  const missing = last - first - waits.length;
  const late = Array.from({ length: Math.max(0, missing) }, () => settleSeconds * 1_000);
  return Math.round(percentile([...waits, ...late], 0.99));
}

async function secondsUntilBack(
  scene: Scene,
  world: World,
  load: LoadClient,
  aloneMs: number,
): Promise<number> {
  const startedMs = performance.now();
  for (;;) {
    const nowMs = await measure(world, load, windowSeconds);
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    scene.say(`${nowMs} ms, ${seconds} s after its end`);
    if (nowMs <= backTimes * aloneMs || seconds > backWithinSeconds) return seconds;
  }
}

async function deadRows(world: World): Promise<number> {
  const [row] = await world.postgres.query<{ dead: number }>(
    `select coalesce(sum(n_dead_tup), 0)::int as dead from pg_stat_user_tables
      where relname in ('outgoing', 'intents', 'awaiting', 'receipts', 'outbox', 'lanes')`,
  );
  return row?.dead ?? 0;
}

function times100(value: number, of: number): number {
  return Math.round((100 * value) / of);
}
