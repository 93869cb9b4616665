import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { mostDisplaced, ofDecision, sendsOf } from '../harness/provider-journal.js';
import { defineRun } from '../harness/run.js';
import { drainRate, type World } from '../harness/world.js';

interface Size {
  /** Messages queued at the beginning of each trouble. */
  readonly queued: number;
  /** How long the provider answers 502, is silent, and is looked for at a wrong address. */
  readonly seconds: number;
  /** Calls a second. */
  readonly rate: number;
}

/** Faults of the sandbox, as docs/sandbox.md names them. After a wrong address nothing was sent, for certain. */
const troubles = [
  { fault: 'bad_gateway', isUnknown: true, share: 1 },
  { fault: 'timeout_before', isUnknown: true, share: 1 },
  { fault: 'not_found', isUnknown: false, share: 1 / 3 },
  { fault: 'redirect', isUnknown: false, share: 1 / 3 },
  { fault: 'method_not_allowed', isUnknown: false, share: 1 / 3 },
] as const;

/** Five unknown outcomes in a row open the breaker, and each trial may add one. */
const threshold = 5;
const mostTrials = 2;
/** What may be under way when it opens: a second of sends, as long as the short leases let a call take. */
const secondsUnderWay = 1.5;
/** By then an attempt whose outcome nobody knows is called uncertain: a grace, and some more for a busy machine. */
const verdictMs = 15_000;
/** As long as a whole run may last: what waits is not to expire. */
const validitySeconds = 21_600;

export const r16b = defineRun<Size>({
  name: 'R16b',
  promise:
    'the provider answers 502, is silent, or its address is wrong, with messages queued: uncertain <= breaker threshold + probes + in flight (wrong address: 0); order kept; resumes by itself',
  tiers: {
    short: { rounds: 1, size: { queued: 60, seconds: 4, rate: 20 } },
    full: { rounds: 1, size: { queued: 50_000, seconds: 600, rate: 100 } },
  },
  async round(scene, { queued, seconds, rate }) {
    const { findings } = scene;
    const world = await scene.world({ tenants: 1, mostPerAccount: rate });
    let uncertainBefore = 0;
    for (const { fault, isUnknown, share } of troubles) {
      await fillQueue(world, queued, rate);
      await world.sandbox.setFault({ fault });
      await delay(seconds * share * 1_000);
      findings.atLeast(`still queued under ${fault}`, await world.queued(), 1);
      const sentByThen = await taken(world);
      await world.sandbox.setFault(null);
      const clearedAtMs = performance.now();
      await eventually(async () => (await taken(world)) > sentByThen, {
        withinMs: 150_000,
        what: `a message after ${fault}`,
      });
      const resumedMs = performance.now() - clearedAtMs;
      await delay(verdictMs);
      const uncertain = await uncertainOf(world);
      scene.say(
        `${fault}: ${uncertain - uncertainBefore} uncertain, resumed after ${Math.round(resumedMs)} ms`,
      );
      findings.count(`${fault}_uncertain`, uncertain - uncertainBefore);
      findings.highest(`max_${fault}_resumed_ms`, resumedMs);
      findings.atMost(
        `uncertain by ${fault}`,
        uncertain - uncertainBefore,
        isUnknown ? threshold + mostTrials + Math.ceil(rate * secondsUnderWay) : 0,
      );
      uncertainBefore = uncertain;
    }
    findings.atMost(
      'places that a message lost',
      await mostDisplaced(world),
      rate * secondsUnderWay,
    );
    findings.exactly('everything has its fate', String(await world.drain()), 'true');
    findings.atMost(
      'places that a message lost, with all the others',
      await mostDisplaced(world),
      drainRate * secondsUnderWay,
    );
    findings.judged(await world.judge());
  },
});

/** Quicker than it is sent. */
async function fillQueue(world: World, queued: number, rate: number): Promise<void> {
  const missing = queued - (await world.queued());
  const load = world.load({
    rate: rate * 5,
    count: Math.max(1, missing),
    message: () => ({ validity_seconds: validitySeconds }),
  });
  await load.finished();
}

async function taken(world: World): Promise<number> {
  return ofDecision(await sendsOf(world), 'accepted').length;
}

async function uncertainOf(world: World): Promise<number> {
  const [row] = await world.postgres.query<{ count: number }>(
    `select count(*)::int as count from awaiting where status = 'uncertain'`,
  );
  return row?.count ?? -1;
}
