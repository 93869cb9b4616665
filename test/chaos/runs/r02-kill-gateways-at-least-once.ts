import { defaultLeases, shortLeases } from '../harness/leases.js';
import { defineRun } from '../harness/run.js';
import { killAgainAndAgain } from './kill-again-and-again.js';

/** Validity is the default of an hour, well above the grace: each unknown attempt is sent again. */
export const r02 = defineRun({
  name: 'R2',
  promise:
    'kill -9 of gateways, two replicas under load, at_least_once: lost 0, uncertain at the end 0, each duplicate marked',
  tiers: {
    short: { rounds: 1, size: { kills: 1, messages: 200, rate: 50, leases: shortLeases } },
    full: { rounds: 3, size: { kills: 10, messages: 3_500, rate: 50, leases: shortLeases } },
    defaults: { rounds: 1, size: { kills: 5, messages: 2_000, rate: 12, leases: defaultLeases() } },
  },
  async round(scene, size) {
    const { findings } = scene;
    const { judgement, openIds } = await killAgainAndAgain(scene, {
      ...size,
      mode: 'at_least_once',
    });
    findings.count('ids_open_at_kills', openIds);
    findings.exactly('uncertain at the end', judgement.uncertain, 0);
    findings.atLeast('ids open at the kills', openIds, 1);
  },
});
