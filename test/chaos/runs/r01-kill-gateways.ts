import { defineRun } from '../harness/run.js';
import { killAgainAndAgain } from './kill-again-and-again.js';

/** Uncertainty must not exceed what a kill can account for: each such message stood in an open intent then. */
export const r01 = defineRun({
  name: 'R1',
  promise:
    'kill -9 of gateways, two replicas under load, at_most_once: lost 0, duplicate 0, uncertain <= ids in the intents open at the kills',
  tiers: {
    short: { rounds: 1, size: { kills: 2, messages: 300, rate: 60 } },
    full: { rounds: 6, size: { kills: 10, messages: 3_500, rate: 50 } },
  },
  async round(scene, size) {
    const { findings } = scene;
    const { judgement, openIds } = await killAgainAndAgain(scene, {
      ...size,
      mode: 'at_most_once',
    });
    findings.count('ids_open_at_kills', openIds);
    findings.atMost('uncertain that a kill accounts for', judgement.accountedUncertain, openIds);
    // The rest reached the provider, as the verdicts show, and it did not answer in time.
    findings.count('unanswered_in_time', judgement.everUncertain - judgement.accountedUncertain);
    findings.atLeast('ids open at the kills', openIds, 1);
  },
});
