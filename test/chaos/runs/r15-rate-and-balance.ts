import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import type { Findings } from '../harness/findings.js';
import {
  mostDisplaced,
  mostWithin,
  ofDecision,
  sendsOf,
  type ProviderSend,
} from '../harness/provider-journal.js';
import { defineRun } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  readonly messages: number;
}

/** Calls a second that the provider allows. */
const limit = 20;
const spanMs = 10_000;
/** Gateways that were just started have cold code and a cold database: what comes before is no measure of use. */
const settlingMs = 3_000;
/** How long one owner has the right to probe: the next probe comes no later. */
const probeSeconds = 10;
/** The queue is read again from earlier on each second: until then a lane may not know what committed late. */
const readAgainWithinMs = 2_000;
/** Sends of one lane that may be under way together, and overtake one another. */
const mostOvertakings = limit;

export const r15 = defineRun<Size>({
  name: 'R15',
  promise:
    'a limit of 20/s and three replicas: rate <= 1.05 x limit, use >= 85 %, 429s <= 2 %; then 402: nothing fails, order kept, resumed within one probe',
  tiers: {
    short: { rounds: 1, size: { messages: 360 } },
    full: { rounds: 3, size: { messages: 3_000 } },
  },
  async round(scene, { messages }) {
    const { findings } = scene;
    const world = await scene.world({ replicas: 3, tenants: 1, ratePerAccount: limit });
    const key = `key-${world.tenants[0]!.id}`;
    await world.sandbox.setKey(key, { limit, window_seconds: 1 });
    // Learned before: how a limit is found is told by the tests of the rate policy.
    await world.postgres.query('update connection_states set learned_limit = $1', [limit]);
    const load = world.load({ rate: 3 * limit, count: messages });
    await load.finished();
    const inOrderFromMs = Date.now() + readAgainWithinMs;
    await eventually(
      async () => ofDecision(await sendsOf(world), 'accepted').length >= messages / 2,
      {
        withinMs: (messages / limit) * 3_000,
        what: 'half of the messages',
      },
    );
    const before = await sendsOf(world);
    await world.sandbox.setKey(key, { balance: 0 });
    await eventually(async () => (await pauseReason(world)) !== null, {
      withinMs: 10_000,
      what: 'a pause',
    });
    const reason = await pauseReason(world);
    const atPause = await sendsOf(world);
    scene.say(`paused: ${reason}`);
    await delay(4_000);
    const paused = (await sendsOf(world)).slice(atPause.length);
    await world.sandbox.setKey(key, { balance: null });
    const paidAtMs = Date.now();
    const isQuiet = await world.quiesce((messages / limit) * 3_000 + 120_000);
    const sends = await sendsOf(world);
    const firstAgain = sends.find(
      ({ atMs, decision }) => atMs >= paidAtMs && decision === 'accepted',
    );

    measureRate(findings, before);
    findings.exactly('reason of the pause', String(reason), 'balance_empty');
    findings.count('refused_for_their_balance', ofDecision(sends, 'balance_empty').length);
    findings.atMost('sends while paused, beside probes', paused.length, 1);
    findings.atMost(
      'seconds from the payment to the next message',
      firstAgain ? Math.round((firstAgain.atMs - paidAtMs) / 1_000) : Number.POSITIVE_INFINITY,
      probeSeconds + 5,
    );
    findings.exactly('everything has its fate', String(isQuiet), 'true');
    findings.atMost(
      'places that a message lost',
      await mostDisplaced(world, inOrderFromMs),
      mostOvertakings,
    );
    const [row] = await world.postgres.query<{ count: number }>(
      `select count(*)::int as count from messages where status = 'delivered'`,
    );
    findings.exactly('delivered', row?.count ?? -1, messages);
    findings.judged(await world.judge());
  },
});

/** While there was always more to send than the limit lets through. */
function measureRate(findings: Findings, sends: readonly ProviderSend[]): void {
  const settledMs = (sends[0]?.atMs ?? 0) + settlingMs;
  const times = ofDecision(sends, 'accepted')
    .map(({ atMs }) => atMs)
    .filter((atMs) => atMs >= settledMs);
  const seconds = ((times.at(-1) ?? 0) - (times[0] ?? 0)) / 1_000;
  findings.count('seconds_of_full_use', Math.round(seconds));
  findings.atLeast('use of the limit in %', percent(times.length - 1, seconds * limit), 85);
  const calls = sends.map(({ atMs }) => atMs);
  const allowed = (limit * spanMs) / 1_000;
  findings.atMost(
    'calls within ten seconds in % of the limit',
    percent(mostWithin(calls, spanMs), allowed),
    105,
  );
  const refused = ofDecision(sends, 'rate_limited').length;
  findings.count('refused_for_their_rate', refused);
  findings.atMost('answers 429 in %', percent(refused, sends.length), 2);
}

function percent(part: number, whole: number): number {
  return Math.round((1_000 * part) / whole) / 10;
}

async function pauseReason(world: World): Promise<string | null> {
  const [row] = await world.postgres.query<{ pause_reason: string | null }>(
    'select pause_reason from connection_states',
  );
  return row?.pause_reason ?? null;
}
