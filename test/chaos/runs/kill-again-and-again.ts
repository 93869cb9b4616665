import { setTimeout as delay } from 'node:timers/promises';
import { restMs, variablesOf, type Leases } from '../harness/leases.js';
import type { Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';
import type { DeliveryMode } from '../judge/histories.js';
import type { Judgement } from '../judge/verdicts.js';

export interface KillSize {
  readonly kills: number;
  readonly messages: number;
  /** New messages a second. */
  readonly rate: number;
  readonly mode: DeliveryMode;
  readonly leases: Leases;
}

/** So late that a takeover comes first, and for some messages a second send as well. */
function deliveryMs({ mode, leases }: KillSize): number {
  const { leaseMs, graceMs } = leases;
  return 1_000 + (mode === 'at_most_once' ? leaseMs : leaseMs + graceMs);
}

/** Load on two replicas; one of them is killed at a random moment and started again, again and again. */
export async function killAgainAndAgain(
  scene: Scene,
  size: KillSize,
): Promise<{ world: World; judgement: Judgement; openIds: number }> {
  const { findings, random } = scene;
  const { kills, messages, rate, mode, leases } = size;
  const world = await scene.world({
    webhooks: true,
    variables: variablesOf(leases),
    sandbox: { SANDBOX_LATENCY_MS: '250', SANDBOX_DELIVERY_MS: String(deliveryMs(size)) },
  });
  scene.say('the installation runs');
  const load = world.load({ mode, count: messages, rate });
  const perKill = messages / (kills + 1);
  let openIds = 0;
  for (let kill = 1; kill <= kills; kill += 1) {
    // By progress, not by time: a slow machine kills in the middle of the load as well.
    while (load.sent < perKill * (kill - 0.5 + random.next())) await delay(20);
    const chosen = random.pick(world.replicas);
    // Every other kill strikes when something is on the wire for certain.
    const victim = kill % 2 === 1 ? await world.stopInASend(chosen) : chosen;
    const open = await world.kill(victim);
    openIds += open;
    findings.count('kills');
    if (open > 0) findings.count('kills_with_something_on_the_wire');
    scene.say(`kill ${kill} of ${victim.name}, ${open} messages on the wire`);
    await delay(random.integer(0, 1_000));
    await victim.start();
  }
  const report = await load.finished();
  scene.say('all messages are acknowledged');
  findings.count('requests', report.requests);
  findings.exactly('clients that were never told 202', report.begun - report.acknowledged, 0);
  findings.exactly('everything has its fate', String(await world.quiesce(restMs(leases))), 'true');
  scene.say('quiet');
  const judgement = await world.judge();
  findings.judged(judgement);
  return { world, judgement, openIds };
}
