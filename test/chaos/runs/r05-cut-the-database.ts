import { setTimeout as delay } from 'node:timers/promises';
import { LiveProbe } from '../harness/live-probe.js';
import type { FaultProxy } from '../harness/fault-proxy.js';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  /** How often each kind of fault. */
  readonly times: number;
  readonly rate: number;
}

const answeredWithinMs = 3_000;

const faults: readonly { name: string; inflict: (wire: FaultProxy) => void; ms: number }[] = [
  { name: 'cut', inflict: (wire) => wire.cut(), ms: 1_500 },
  { name: 'reset', inflict: (wire) => wire.reset(), ms: 300 },
  { name: 'half-open', inflict: (wire) => wire.deafen(), ms: 4_000 },
  { name: 'frozen', inflict: (wire) => wire.freeze(), ms: 4_000 },
  { name: 'slow', inflict: (wire) => wire.delay(150), ms: 2_000 },
];

/** One replica's wire to the database breaks; the other one stays well, so that the front goes on to answer. */
export const r05 = defineRun<Size>({
  name: 'R5',
  promise:
    'the database drops or resets connections: 503 within 3 s, no hung request, no transaction left open',
  tiers: {
    short: { rounds: 1, size: { times: 1, rate: 40 } },
    full: { rounds: 3, size: { times: 4, rate: 40 } },
  },
  async round(scene, { times, rate }) {
    const { findings, random } = scene;
    const world = await scene.world();
    const probe = new LiveProbe(world.replicas);
    // Straight to each replica: behind a front nobody would meet the broken one for long.
    const loads = world.replicas.map(({ url }) =>
      world.load({ url, rate: rate / 2, count: 100_000, patienceMs: 120_000 }),
    );
    const order = faults.flatMap((fault) => Array.from({ length: times }, () => fault));
    await delay(1_000);
    while (order.length > 0) {
      const [fault] = order.splice(random.integer(0, order.length - 1), 1);
      if (!fault) break;
      const victim = random.pick(world.replicas);
      fault.inflict(victim.toDatabase);
      scene.say(`${fault.name}: ${victim.name}`);
      findings.count(fault.name.replace('-', '_'));
      await delay(fault.ms);
      victim.toDatabase.mend();
      await world.isReady(victim);
      await delay(random.integer(300, 1_500));
    }
    await judgeTransactions(scene, world);
    let slowestMs = 0;
    for (const load of loads) {
      const report = await load.stop();
      slowestMs = Math.max(slowestMs, report.slowestMs);
      findings.exactly('clients that were never told 202', report.begun - report.acknowledged, 0);
      findings.exactly('requests that hung', report.hung, 0);
      const { 202: accepted = 0, 503: unavailable = 0, 409: inProgress = 0 } = report.answers;
      const told = Object.values(report.answers).reduce((sum, count) => sum + count, 0);
      findings.count('answers_503', unavailable);
      findings.count('answers_409', inProgress);
      findings.exactly(
        'answers other than 202, 503, and 409 while a key is in use',
        told - accepted - unavailable - inProgress,
        0,
      );
    }
    probe.stop();
    findings.highest('max_answer_ms', slowestMs);
    findings.highest('max_live_ms', probe.slowestMs);
    // What an overloaded machine itself delays is not the gateway's: /health/live touches nothing, and clients and
    // wires have the harness's lag.
    const machineMs = probe.slowestMs + scene.lag.maxMs;
    const limitMs = answeredWithinMs + Math.ceil(machineMs);
    findings.atMost('ms of the slowest answer', Math.ceil(slowestMs), limitMs);
    findings.exactly('live probes that were not answered with 200', probe.failed, 0);
    findings.exactly('everything has its fate', String(await world.quiesce(120_000)), 'true');
    // A worker that cannot reach the database for a lease is fenced, as if it had been stopped.
    findings.judged(await world.judge());
  },
});

/** After the wires are mended no session of a gateway keeps a transaction open for longer than its time-outs allow. */
async function judgeTransactions({ findings }: Scene, world: World): Promise<void> {
  await delay(6_000);
  const [row] = await world.postgres.query<{ open: number }>(
    `select count(*)::int as open from pg_stat_activity
      where usename = 'tyrian' and xact_start < clock_timestamp() - interval '5 seconds'`,
  );
  findings.exactly('transactions left open', row?.open ?? -1, 0);
}
