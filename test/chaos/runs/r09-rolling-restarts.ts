import { setTimeout as delay } from 'node:timers/promises';
import { defaultLeases, variablesOf } from '../harness/leases.js';
import { defineRun } from '../harness/run.js';

interface Size {
  readonly restarts: number;
  readonly rate: number;
}

const exitWithinMs = 25_000;

/** The leases are those of production: a hand-over in order does not wait for one. */
export const r09 = defineRun<Size>({
  name: 'R9',
  promise: 'rolling restarts by SIGTERM under load: failed requests 0, uncertain 0, exit <= 25 s',
  tiers: {
    short: { rounds: 1, size: { restarts: 2, rate: 20 } },
    full: { rounds: 3, size: { restarts: 10, rate: 60 } },
  },
  async round(scene, { restarts, rate }) {
    const { findings, random } = scene;
    const world = await scene.world({
      webhooks: true,
      variables: variablesOf(defaultLeases()),
      sandbox: { SANDBOX_LATENCY_MS: '150' },
    });
    const load = world.load({ rate, count: 100_000 });
    await delay(1_000);
    for (let restart = 0; restart < restarts; restart += 1) {
      const replica = world.replicas[restart % world.replicas.length]!;
      const { code, ms } = await replica.terminate();
      scene.say(`${replica.name} ended with ${code} after ${Math.round(ms)} ms`);
      findings.count('restarts');
      findings.highest('max_exit_ms', ms);
      findings.exactly('exit code', code ?? 'a signal', 0);
      findings.atMost('ms until the exit', Math.round(ms), exitWithinMs);
      await replica.start();
      await world.isReady(replica);
      await delay(random.integer(500, 1_500));
    }
    const report = await load.stop();
    findings.count('requests', report.requests);
    findings.exactly('failed requests', report.requests - (report.answers['202'] ?? 0), 0);
    findings.notes.push(`answers ${JSON.stringify(report.answers)}`);
    findings.exactly('everything has its fate', String(await world.quiesce(60_000)), 'true');
    const judgement = await world.judge();
    findings.judged(judgement);
    findings.exactly('uncertain at any time', judgement.everUncertain, 0);
  },
});
