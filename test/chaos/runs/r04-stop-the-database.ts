import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { LiveProbe } from '../harness/live-probe.js';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';

type Blow = 'stopped at once' | 'backend killed' | 'postmaster killed';

interface Size {
  readonly blows: Readonly<Record<Blow, number>>;
  readonly rate: number;
}

const readyWithinMs = 10_000;

export const r04 = defineRun<Size>({
  name: 'R4',
  promise:
    'PostgreSQL stopped at once, its backends and its postmaster killed: nothing acknowledged is lost, ready again within 10 s, gateways do not exit, live stays 200',
  tiers: {
    short: {
      rounds: 1,
      size: {
        blows: { 'stopped at once': 1, 'backend killed': 1, 'postmaster killed': 1 },
        rate: 40,
      },
    },
    full: {
      rounds: 5,
      size: {
        blows: { 'stopped at once': 3, 'backend killed': 3, 'postmaster killed': 1 },
        rate: 40,
      },
    },
  },
  async round(scene, { blows, rate }) {
    const { findings, random } = scene;
    const world = await scene.world({ webhooks: true });
    const probe = new LiveProbe(world.replicas);
    const load = world.load({ rate, count: 100_000, patienceMs: 120_000 });
    const order = (Object.keys(blows) as Blow[]).flatMap((blow) =>
      Array.from({ length: blows[blow] }, () => blow),
    );
    while (order.length > 0) {
      const [blow] = order.splice(random.integer(0, order.length - 1), 1) as [Blow];
      await delay(random.integer(500, 2_000));
      await strike(scene, world, blow);
    }
    await delay(1_000);
    const report = await load.stop();
    probe.stop();
    findings.exactly('clients that were never told 202', report.begun - report.acknowledged, 0);
    findings.exactly('everything has its fate', String(await world.quiesce(120_000)), 'true');
    findings.judged(await world.judge());
    findings.count('live_probes', probe.asked);
    findings.exactly('live probes that were not answered with 200', probe.failed, 0);
    const running = world.replicas.filter(({ isRunning }) => isRunning).length;
    findings.exactly('gateways that went on', running, world.replicas.length);
  },
});

async function strike(scene: Scene, world: World, blow: Blow): Promise<void> {
  const { findings } = scene;
  const { postgres } = world;
  if (blow === 'backend killed') {
    const backends = await postgres.backends();
    const { pid } = scene.random.pick(backends);
    process.kill(pid, 'SIGKILL');
    // The server notices by itself, ends all others, and recovers.
    await delay(100);
  } else {
    await (blow === 'stopped at once' ? postgres.stopAtOnce() : postgres.killPostmaster());
    await delay(scene.random.integer(0, 1_500));
    await postgres.begin();
  }
  const struckAtMs = performance.now();
  await eventually(() => isBack(world), { withinMs: 60_000, what: 'a PostgreSQL that answers' });
  const backAtMs = performance.now();
  findings.highest('max_database_recovers_ms', backAtMs - struckAtMs);
  for (const replica of world.replicas) await world.isReady(replica);
  const readyAfterMs = Math.round(performance.now() - backAtMs);
  scene.say(`PostgreSQL ${blow}: ready ${readyAfterMs} ms after its return`);
  findings.count(blow.replaceAll(' ', '_'));
  findings.highest('max_ready_after_ms', readyAfterMs);
  findings.atMost('ms until ready again', readyAfterMs, readyWithinMs);
}

async function isBack({ postgres }: World): Promise<boolean> {
  return postgres.query('select 1').then(
    () => true,
    () => false,
  );
}
