import { setTimeout as delay } from 'node:timers/promises';
import { auditFences, fenceBreaks } from '../harness/fence-audit.js';
import type { Replica } from '../harness/replica.js';
import { defaultLeases, restMs, shortLeases, variablesOf, type Leases } from '../harness/leases.js';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  readonly stops: number;
  /** New messages a second. */
  readonly rate: number;
  readonly leases: Leases;
}

/** A process that sleeps through its lease wakes up as its lanes' former owner, with answers in hand. */
export const r03 = defineRun<Size>({
  name: 'R3',
  promise:
    'SIGSTOP for three leases, then SIGCONT: writes of a former owner accepted 0; duplicate 0 (at_most_once) or marked (at_least_once); what it learned is kept',
  tiers: {
    short: { rounds: 1, size: { stops: 1, rate: 30, leases: shortLeases } },
    full: { rounds: 3, size: { stops: 5, rate: 30, leases: shortLeases } },
    defaults: { rounds: 1, size: { stops: 3, rate: 10, leases: defaultLeases() } },
  },
  async round(scene, { stops, rate, leases }) {
    const { findings, random } = scene;
    const { leaseMs } = leases;
    const world = await scene.world({
      variables: variablesOf(leases),
      sandbox: { SANDBOX_LATENCY_MS: '250', SANDBOX_DELIVERY_MS: String(2 * leaseMs) },
    });
    await auditFences(world.postgres);
    const loads = (['at_most_once', 'at_least_once'] as const).map((mode) =>
      world.load({ mode, rate: rate / 2, count: 100_000, patienceMs: restMs(leases) }),
    );
    await delay(1_000);
    for (let stop = 1; stop <= stops; stop += 1) {
      await stopAndGoOn(scene, world, { victim: random.pick(world.replicas), stop, leaseMs });
      await delay(random.integer(500, 2_500));
    }
    for (const load of loads) {
      const report = await load.stop();
      findings.exactly('clients that were never told 202', report.begun - report.acknowledged, 0);
    }
    findings.exactly(
      'everything has its fate',
      String(await world.quiesce(restMs(leases))),
      'true',
    );
    const { writes, breaks } = await fenceBreaks(world.postgres, world.replicas);
    findings.count('audited_writes', writes);
    findings.notes.push(...breaks);
    findings.exactly('writes of a former owner that were accepted', breaks.length, 0);
    findings.atLeast('audited writes', writes, 1);
    findings.judged(await world.judge());
    await judgeEvidence(scene, world);
  },
});

async function stopAndGoOn(
  scene: Scene,
  world: World,
  { victim, stop, leaseMs }: { victim: Replica; stop: number; leaseMs: number },
): Promise<void> {
  await world.somethingOnTheWire(victim);
  const hasAnswersInHand = stop % 2 === 1;
  if (hasAnswersInHand) {
    // The provider's answers arrive, and what they tell cannot be written down before the process sleeps.
    victim.toDatabase.freeze();
    await delay(600);
  }
  victim.freeze();
  const openAtOnce = await world.noteAct('stop', victim);
  // What the database had in hand of it is carried out within moments.
  await delay(1_000);
  const open = Math.max(openAtOnce, await world.noteAct('stop', victim));
  scene.say(`stop ${stop} of ${victim.name}, ${open} messages on the wire`);
  scene.findings.count('stops');
  scene.findings.count('ids_open_at_stops', open);
  await delay(3 * leaseMs - 1_000);
  victim.toDatabase.mend();
  victim.thaw();
  await world.isReady(victim);
}

/** What a former owner learned stands in the timeline, and a message that it knew the id of is not uncertain. */
async function judgeEvidence({ findings }: Scene, world: World): Promise<void> {
  const [row] = await world.postgres.query<{ learned: number; wasted: number }>(
    `select count(*)::int as learned,
      (count(*) filter (where e.detail ->> 'outcome' = 'accepted' and a.status = 'uncertain'))::int as wasted
    from events e
    left join awaiting a on a.tenant_id = e.tenant_id and a.message_id = e.message_id
    where e.type = 'former_owner'`,
  );
  findings.count('evidence_of_former_owners', row?.learned ?? 0);
  findings.exactly('uncertain although a former owner knew', row?.wasted ?? -1, 0);
}
