import { defaultLeases, shortLeases } from '../harness/leases.js';
import { defineRun } from '../harness/run.js';
import { killAgainAndAgain } from './kill-again-and-again.js';

/** Uncertainty must not exceed what a kill can account for: each such message stood in an open intent then. */
export const r01 = defineRun({
  name: 'R1',
  promise:
    'kill -9 of gateways, two replicas under load, at_most_once: lost 0, duplicate 0, uncertain <= ids in the intents open at the kills',
  tiers: {
    short: { rounds: 1, size: { kills: 2, messages: 300, rate: 60, leases: shortLeases } },
    full: { rounds: 6, size: { kills: 10, messages: 3_500, rate: 50, leases: shortLeases } },
    defaults: { rounds: 1, size: { kills: 5, messages: 2_000, rate: 12, leases: defaultLeases() } },
  },
  async round(scene, size) {
    const { findings } = scene;
    const { world, judgement, openIds } = await killAgainAndAgain(scene, {
      ...size,
      mode: 'at_most_once',
    });
    const lost = await world.postgres.query<{ message_id: string }>(
      `select distinct message_id from events where type = 'owner_lost' and applied`,
    );
    const atKills = await world.openIds('kill');
    const atFencings = await world.openIds('fenced');
    // A gateway whose heartbeats come too late on an overloaded machine is fenced without having been killed.
    const elsewhere = [...atFencings].filter((id) => !atKills.has(id));
    const beyond = lost.filter(({ message_id: id }) => !atKills.has(id) && !atFencings.has(id));
    findings.count('ids_open_at_kills', openIds);
    findings.count('ids_open_at_other_fencings', elsewhere.length);
    findings.count('uncertain_by_kills', lost.length);
    findings.count('unanswered_in_time', judgement.everUncertain - lost.length);
    findings.atMost('uncertain by kills', lost.length, openIds + elsewhere.length);
    findings.exactly('uncertain by kills, and in no open intent', beyond.length, 0);
    findings.atLeast('ids open at the kills', openIds, 1);
  },
});
