import { eventually } from '../../support/eventually.js';
import { percentile } from '../harness/percentile.js';
import { sendsOf, waitsOf } from '../harness/provider-journal.js';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  readonly flood: number;
  /** Messages of all quiet tenants together, in each of the two measurements. */
  readonly quiet: number;
}

const quietTenants = 20;
const mostPerAccount = 50;
const boundMs = 2_000;

export const r14 = defineRun<Size>({
  name: 'R14',
  promise:
    'one tenant with 50,000 queued beside 20 quiet ones: their p99 waiting <= 2 x what it is alone, or <= 2 s',
  tiers: {
    short: { rounds: 1, size: { flood: 3_000, quiet: 100 } },
    full: { rounds: 1, size: { flood: 50_000, quiet: 2_000 } },
  },
  async round(scene, { flood, quiet }) {
    const { findings } = scene;
    const world = await scene.world({ tenants: quietTenants + 1, mostPerAccount });
    const aloneMs = await measure(scene, world, quiet);
    const [flooder] = world.tenants;
    const flooding = world.load({
      tenants: [flooder!],
      rate: flood,
      count: flood,
      message: () => ({ validity_seconds: 21_600 }),
    });
    await flooding.finished();
    const queuedBefore = await world.queued();
    const besideMs = await measure(scene, world, quiet);
    const queuedAfter = await world.queued();
    findings.count('queued_by_the_flooder_before', queuedBefore);
    findings.count('queued_by_the_flooder_after', queuedAfter);
    findings.highest('max_p99_alone_ms', aloneMs);
    findings.highest('max_p99_beside_ms', besideMs);
    findings.atLeast('still queued by the flooder at the end', queuedAfter, 1);
    findings.atMost(
      'p99 waiting of the quiet ones in ms',
      besideMs,
      Math.max(2 * aloneMs, boundMs),
    );
    findings.exactly('everything has its fate', String(await world.drain()), 'true');
    findings.judged(await world.judge());
  },
});

/** p99 of the time from the acceptance to the provider, in milliseconds. */
async function measure(scene: Scene, world: World, count: number): Promise<number> {
  const load = world.load({ tenants: world.tenants.slice(1), rate: quietTenants, count });
  const first = world.reserve(0) - count;
  await load.finished();
  await eventually(
    async () => (await sendsOf(world)).filter(({ n }) => n >= first).length >= count,
    { withinMs: 60_000, what: "the quiet tenants' messages at the provider" },
  );
  const waits = await waitsOf(world, (n) => n >= first && n < first + count);
  const p99 = percentile(waits, 0.99);
  scene.say(`the quiet tenants' messages waited ${Math.round(p99)} ms at p99`);
  return p99;
}
