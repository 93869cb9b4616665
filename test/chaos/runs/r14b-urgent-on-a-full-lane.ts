import { eventually } from '../../support/eventually.js';
import { patientLeases, variablesOf } from '../harness/leases.js';
import { percentile } from '../harness/percentile.js';
import { followedOf, waitsOf } from '../harness/provider-journal.js';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  /** Queued in each of the two lower classes. */
  readonly queued: number;
  /** Calls a second that the provider allows: what is queued must last for as long as urgent ones come, and a minute. */
  readonly rate: number;
  /** Urgent messages, one a second. */
  readonly urgent: number;
}

const waitsMs = 2_000;
const firstPollMs = 60_000;
const validity = { validity_seconds: 259_200 };

export const r14b = defineRun<Size>({
  name: 'R14b',
  promise:
    '50,000 promotional and 50,000 normal queued and one urgent a second on the same account, no callbacks, polls only: p99 waiting of the urgent <= 2 s, their first poll within a minute',
  tiers: {
    short: { rounds: 1, size: { queued: 1_600, rate: 18, urgent: 30 } },
    full: { rounds: 1, size: { queued: 50_000, rate: 50, urgent: 900 } },
  },
  async round(scene, { queued, rate, urgent }) {
    const { findings } = scene;
    const world = await scene.world({
      tenants: 1,
      mostPerAccount: rate,
      // Who was not told the provider's id has nothing to ask for.
      variables: { ...variablesOf(patientLeases), CALLBACKS: 'off' },
    });
    await flood(scene, world, queued);
    const before = await queueOf(world);
    const first = world.reserve(0);
    const load = world.load({
      rate: 1,
      count: urgent,
      message: () => ({ category: 'transactional', priority: 'urgent', ...validity }),
    });
    const { begun, acknowledged } = await load.finished();
    findings.exactly('clients that were never told 202', begun - acknowledged, 0);
    const isUrgent = (n: number): boolean => n >= first && n < first + urgent;
    await eventually(async () => (await urgentNeverAskedFor(world)) === 0, {
      withinMs: 2 * firstPollMs,
    }).catch(() => undefined);
    const after = await queueOf(world);
    const waits = await waitsOf(world, isUrgent);
    const polls = await askedFor(world, isUrgent);
    findings.count('queued_before', before.normal + before.promotional);
    findings.count('queued_after', after.normal + after.promotional);
    findings.highest('max_urgent_wait_p99_ms', percentile(waits, 0.99));
    findings.highest('max_urgent_first_poll_ms', Math.max(...polls));
    findings.exactly('urgent messages that were sent', waits.length, urgent);
    findings.atMost('p99 waiting of the urgent in ms', percentile(waits, 0.99), waitsMs);
    findings.exactly('urgent messages that were asked for', polls.length, urgent);
    findings.atMost('ms from a send to its first poll', Math.max(...polls), firstPollMs);
    // Otherwise nothing stood in their way.
    findings.atLeast('still queued as normal', after.normal, 1);
    findings.atLeast('still queued as promotional', after.promotional, 1);
    // Each lower class keeps a tenth.
    findings.atLeast(
      'promotional ones that were sent meanwhile',
      before.promotional - after.promotional,
      (urgent * rate) / 20,
    );
    scene.say(
      `the urgent waited ${Math.round(percentile(waits, 0.99))} ms at p99, and ${Math.round(Math.max(...polls) / 1_000)} s for their first poll`,
    );
    findings.exactly('everything has its fate', String(await world.drain()), 'true');
    findings.judged(await world.judge());
  },
});

async function flood({ findings }: Scene, world: World, queued: number): Promise<void> {
  const loads = (['promotional', 'transactional'] as const).map((category) =>
    world.load({
      rate: queued,
      count: queued,
      message: () => ({ category, ...validity }),
    }),
  );
  for (const load of loads) {
    const { begun, acknowledged } = await load.finished();
    findings.exactly('clients that were never told 202', begun - acknowledged, 0);
  }
}

async function queueOf(world: World): Promise<{ normal: number; promotional: number }> {
  const [row] = await world.postgres.query<{ normal: number; promotional: number }>(
    `select (count(*) filter (where m.category = 'transactional'))::int as normal,
      (count(*) filter (where m.category = 'promotional'))::int as promotional
    from outgoing q join messages m on m.tenant_id = q.tenant_id and m.id = q.message_id`,
  );
  return row as { normal: number; promotional: number };
}

async function urgentNeverAskedFor(world: World): Promise<number> {
  const [row] = await world.postgres.query<{ count: number }>(
    `select count(*)::int as count from messages m
      left join awaiting a on a.tenant_id = m.tenant_id and a.message_id = m.id
      where m.class = 0 and m.status is null and coalesce(a.polls, 0) = 0`,
  );
  return row?.count ?? -1;
}

/** Milliseconds from each send to its first poll, of those that were asked for. */
async function askedFor(world: World, isOne: (n: number) => boolean): Promise<number[]> {
  const followed = await followedOf(world);
  return followed.flatMap(({ n, pollsAfterMs }) => (isOne(n) ? pollsAfterMs.slice(0, 1) : []));
}
