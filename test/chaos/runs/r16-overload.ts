import { setTimeout as delay } from 'node:timers/promises';
import { haveTwoCores, pin, pinAlone, unpin } from '../harness/cores.js';
import { LiveProbe } from '../harness/live-probe.js';
import { Memory } from '../harness/memory.js';
import { openConnections, openLoad } from '../harness/open-load.js';
import type { Replica } from '../harness/replica.js';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  /** Of each rate that is tried in search of the peak. */
  readonly stepSeconds: number;
  readonly overloadSeconds: number;
  /**
   * How often peak and overload are measured where too little gets through: some seconds of a busy machine are as long as a
   * short step, and a gateway that gives way does so each time.
   */
  readonly tries: number;
}

const firstRate = 300;
const stepFactor = 1.5;
/** Of what is offered; where less gets through, more is offered than can be taken. */
const sustained = 0.9;
const overload = 3;
const leastPercent = 80;
const growthPercent = 25;
const slackMiB = 96;
const mostMiB = 1_024;
const [ourCore, theirCore] = [0, 1] as const;

/** Clients on one core, gateway and PostgreSQL on the other: neither is slowed down by how much the other has to do. */
export const r16 = defineRun<Size>({
  name: 'R16',
  promise:
    'three times the capacity for minutes: goodput >= 80 % of the peak, measured the same way; memory bounded; live 100 %',
  tiers: {
    short: { rounds: 1, size: { stepSeconds: 5, overloadSeconds: 15, tries: 3 } },
    full: { rounds: 1, size: { stepSeconds: 20, overloadSeconds: 600, tries: 1 } },
  },
  async round(scene, size) {
    const { findings } = scene;
    const world = await scene.world({ replicas: 1, tenants: 8, ratePerAccount: 25, direct: true });
    const [gateway] = world.replicas;
    if (!gateway) throw new Error('there is no gateway');
    if (haveTwoCores()) {
      for (const pid of [gateway.pid, world.postgres.postmaster]) pin(pid, theirCore);
      pin(world.sandbox.pid, ourCore);
      pinAlone(process.pid, ourCore);
    } else {
      scene.say('clients, gateway and PostgreSQL share their cores: they cannot be parted here');
      findings.count('cores_not_parted');
    }
    try {
      let share = await measure(scene, world, gateway, size);
      for (let triesLeft = size.tries - 1; triesLeft > 0 && share < leastPercent; triesLeft -= 1) {
        scene.say(`${share} % of the peak: measured once more`);
        share = await measure(scene, world, gateway, size);
      }
      findings.atLeast('goodput in % of the peak', share, leastPercent);
    } finally {
      // What waits is to be sent with all that the machine has.
      for (const pid of [process.pid, gateway.pid, world.postgres.postmaster]) unpin(pid);
    }
    findings.exactly('everything has its fate', String(await world.drain()), 'true');
    findings.judged(await world.judge());
  },
});

/** Goodput under overload in % of the peak that was found right before. */
async function measure(
  scene: Scene,
  world: World,
  gateway: Replica,
  { stepSeconds, overloadSeconds }: Size,
): Promise<number> {
  const { findings } = scene;
  const peak = await findPeak(scene, world, gateway.url, stepSeconds);
  // What still waits from the search is not to count for what follows.
  await delay(3_000);
  await openConnections(gateway.url);
  const memory = new Memory(gateway.pid);
  const probe = new LiveProbe(world.replicas);
  const { offered, good, answers, withheld } = await openLoad({
    world,
    url: gateway.url,
    rate: overload * peak,
    seconds: overloadSeconds,
  });
  memory.stop();
  probe.stop();
  const goodput = good / overloadSeconds;
  scene.say(
    `at ${Math.round(offered / overloadSeconds)}/s: ${Math.round(goodput)}/s taken, ${JSON.stringify(answers)}`,
  );
  findings.highest('max_peak_per_second', peak);
  findings.highest('max_goodput_per_second', goodput);
  for (const [answer, count] of Object.entries(answers)) findings.count(`answers_${answer}`, count);
  findings.count('withheld_by_the_clients', withheld);
  findings.highest('max_live_ms', probe.slowestMs);
  findings.highest('max_resident_mib', memory.most);
  findings.atLeast('offered in % of the peak', percent(offered, overloadSeconds * peak), 290);
  findings.exactly('live probes that were not answered with 200', probe.failed, 0);
  findings.atLeast('live probes', probe.asked, overloadSeconds / 2);
  const { first, last } = memory;
  const limitMiB = Math.min(mostMiB, first * (1 + growthPercent / 100) + slackMiB);
  findings.atMost('MiB in the last third', Math.round(last), Math.round(limitMiB));
  const others = Object.keys(answers).filter(
    (answer) => !['202', '429', '503', 'none'].includes(answer),
  );
  findings.exactly('answers other than 202, 429 and 503', others.join(), '');
  return percent(goodput, peak);
}

/** The most messages a second that were acknowledged at any rate, each offered for a while. */
async function findPeak(scene: Scene, world: World, url: string, seconds: number): Promise<number> {
  let peak = 0;
  for (let rate = firstRate; ; rate *= stepFactor) {
    // Those that a slower step did not need were closed for their idleness.
    await openConnections(url);
    const { good } = await openLoad({ world, url, rate, seconds });
    const goodput = good / seconds;
    scene.say(`offered ${Math.round(rate)}/s: ${Math.round(goodput)}/s taken`);
    peak = Math.max(peak, goodput);
    if (goodput < sustained * rate) return peak;
  }
}

function percent(part: number, whole: number): number {
  return Math.round((100 * part) / whole);
}
