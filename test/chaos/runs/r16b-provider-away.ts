import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { mostDisplaced, ofDecision, sendsOf } from '../harness/provider-journal.js';
import { defineRun } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  /** Messages queued before each trouble, and how long it lasts. */
  readonly queued: number;
  readonly seconds: number;
  /** Calls a second. */
  readonly rate: number;
}

/** Faults of the sandbox, as docs/sandbox.md names them. After a wrong address nothing was sent, for certain. */
const troubles = [
  { fault: 'bad_gateway', isUnknown: true },
  { fault: 'timeout_before', isUnknown: true },
  { fault: 'not_found', isUnknown: false },
  { fault: 'redirect', isUnknown: false },
  { fault: 'method_not_allowed', isUnknown: false },
] as const;

/** Five unknown outcomes in a row open the breaker, and each trial may add one. */
const threshold = 5;
const mostTrials = 2;
/** What may be under way when it opens: a second of sends, as long as the short leases let a call take. */
const secondsUnderWay = 1.5;

export const r16b = defineRun<Size>({
  name: 'R16b',
  promise:
    'the provider answers 502, is silent, or its address is wrong, with messages queued: uncertain <= breaker threshold + probes + in flight (wrong address: 0); order kept; resumes by itself',
  tiers: {
    short: { rounds: 1, size: { queued: 60, seconds: 4, rate: 20 } },
    full: { rounds: 1, size: { queued: 10_000, seconds: 600, rate: 100 } },
  },
  async round(scene, { queued, seconds, rate }) {
    const { findings } = scene;
    const world = await scene.world({ tenants: 1, ratePerAccount: rate });
    await world.postgres.query('update connection_states set learned_limit = rate');
    let uncertainBefore = 0;
    for (const { fault, isUnknown } of troubles) {
      const sentBefore = await taken(world);
      const load = world.load({ rate: rate * 5, count: queued });
      await eventually(async () => (await taken(world)) > sentBefore, {
        withinMs: 60_000,
        what: 'the first of the queued messages',
      });
      await world.sandbox.setFault({ fault });
      await delay(seconds * 1_000);
      const sentByThen = await taken(world);
      await world.sandbox.setFault(null);
      const clearedAtMs = performance.now();
      await load.finished();
      await eventually(async () => (await taken(world)) > sentByThen, {
        withinMs: 150_000,
        what: `a message after ${fault}`,
      });
      const resumedMs = performance.now() - clearedAtMs;
      findings.exactly(
        `${fault}: the rest has its fate`,
        String(await world.quiesce(rest(queued, rate))),
        'true',
      );
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
    findings.judged(await world.judge());
  },
});

async function taken(world: World): Promise<number> {
  return ofDecision(await sendsOf(world), 'accepted').length;
}

async function uncertainOf(world: World): Promise<number> {
  const [row] = await world.postgres.query<{ count: number }>(
    `select count(*)::int as count from awaiting where status = 'uncertain'`,
  );
  return row?.count ?? -1;
}

/** Three times what the messages need, and what a back-off may last. */
function rest(messages: number, rate: number): number {
  return (messages / rate) * 3_000 + 120_000;
}
