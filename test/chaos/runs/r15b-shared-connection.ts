import { setTimeout as delay } from 'node:timers/promises';
import { readId } from '../../../apps/gateway/src/platform/ids/shown-id.js';
import { createSharingTenants, type TestTenant } from '../../support/api.js';
import { eventually } from '../../support/eventually.js';
import type { Findings } from '../harness/findings.js';
import { mostWithin, ofDecision, sendsOf, type ProviderSend } from '../harness/provider-journal.js';
import { defineRun } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  /** Seconds for which every account has something to send. */
  readonly seconds: number;
}

/** Calls a second that the provider allows for the shared key, and the operator too. */
const limit = 20;
const spanMs = 10_000;
const weights = [1, 1, 1, 1, 1, 3, 3, 3, 3, 3];
const allWeights = weights.reduce((sum, weight) => sum + weight);
const key = 'key-shared';
/** How long one owner has the right to probe: the next probe comes no later. */
const probeSeconds = 10;
/** What the neighbour sends while the shared connection is paused. */
const besidesCount = 20;
/** Buckets begin empty, and shares are read once a second: what comes before is no measure of weights. */
const settlingMs = 4_000;

export const r15b = defineRun<Size>({
  name: 'R15b',
  promise:
    "ten tenants' accounts on one shared connection of 20/s, three replicas: together <= 1.05 x limit, by weight within 15 %; then 402: one probe for all, nobody else's connection is touched",
  tiers: {
    short: { rounds: 1, size: { seconds: 40 } },
    full: { rounds: 3, size: { seconds: 180 } },
  },
  async round(scene, { seconds }) {
    const { findings } = scene;
    // The one tenant of the world has a connection of its own: the neighbour that nothing may touch.
    const world = await scene.world({ replicas: 3, tenants: 1, ratePerAccount: limit });
    const [neighbour] = world.tenants as [TestTenant];
    const sharing = await createSharingTenants(
      { url: world.url },
      { providerKey: key, maxPerSecond: limit },
      weights,
    );
    await world.sandbox.setKey(key, { limit, window_seconds: 1 });
    await world.postgres.query('update connection_states set rate = $1, learned_limit = $1', [
      limit,
    ]);
    // Each has as much as its weight lets out in time, and some more, so that none falls dry while it is measured.
    const loads = sharing.map((tenant, index) => {
      const count = Math.ceil((((seconds + 15) * limit) / allWeights) * weights[index]!);
      const first = world.reserve(0);
      const load = world.load({ tenants: [tenant], rate: 100, count, message: patient });
      return { load, first, count };
    });
    await Promise.all(loads.map(({ load }) => load.finished()));
    const ofAccount = (sends: readonly ProviderSend[], { first, count }: Numbers) =>
      sends.filter(({ n }) => n >= first && n < first + count);
    await delay(seconds * 1_000);

    const sends = await sendsOf(world);
    measureRate(findings, sends);
    measureWeights(
      findings,
      loads.map((numbers) => ofAccount(ofDecision(sends, 'accepted'), numbers)),
    );

    await world.sandbox.setKey(key, { balance: 0 });
    await eventually(async () => (await pausedAccounts(world)) === weights.length, {
      withinMs: 15_000,
      what: 'a pause of the shared connection',
    });
    const atPause = (await sendsOf(world)).length;
    const pausedAtMs = Date.now();
    const besides = world.load({ tenants: [neighbour], rate: 5, count: besidesCount });
    const besidesFirst = world.reserve(0) - besidesCount;
    await besides.finished();
    const sentBesides = async (): Promise<number> =>
      ofDecision(
        (await sendsOf(world)).filter(({ n }) => n >= besidesFirst),
        'accepted',
      ).length;
    await eventually(async () => (await sentBesides()) >= besidesCount, {
      withinMs: 30_000,
      what: 'the sends of the neighbour',
    });
    await delay(Math.max(0, 6_000 - (Date.now() - pausedAtMs)));
    const meanwhile = (await sendsOf(world)).slice(atPause);
    const probesDue = 1 + Math.floor((Date.now() - pausedAtMs) / (probeSeconds * 1_000));
    const ofNeighbour = meanwhile.filter(({ n }) => n >= besidesFirst);
    findings.exactly('accounts that the provider paused', await pausedAccounts(world), 10);
    findings.exactly(
      'accounts of others that it paused',
      await pausedAccounts(world, neighbour),
      0,
    );
    findings.exactly('sends of the neighbour meanwhile', await sentBesides(), besidesCount);
    findings.atMost(
      'probes of all ten meanwhile',
      meanwhile.length - ofNeighbour.length,
      probesDue,
    );

    await world.sandbox.setKey(key, { balance: null });
    const paidAtMs = Date.now();
    const remaining = ((seconds + 15) * limit - sends.length) / limit;
    const isQuiet = await world.quiesce(Math.max(60, 3 * remaining) * 1_000 + 60_000);
    const firstAgain = (await sendsOf(world)).find(
      ({ n, atMs, decision }) => n < besidesFirst && atMs >= paidAtMs && decision === 'accepted',
    );
    findings.atMost(
      'seconds from the payment to the next message',
      firstAgain ? Math.round((firstAgain.atMs - paidAtMs) / 1_000) : Number.POSITIVE_INFINITY,
      probeSeconds + 5,
    );
    findings.exactly('everything has its fate', String(isQuiet), 'true');
    findings.judged(await world.judge());
  },
});

interface Numbers {
  readonly first: number;
  readonly count: number;
}

const patient = () => ({ validity_seconds: 21_600 });

/** All ten together, against the limit of the key. */
function measureRate(findings: Findings, sends: readonly ProviderSend[]): void {
  const calls = sends.map(({ atMs }) => atMs);
  const allowed = (limit * spanMs) / 1_000;
  findings.atMost(
    'calls within ten seconds in % of the limit',
    percent(mostWithin(calls, spanMs), allowed),
    105,
  );
  const seconds = ((calls.at(-1) ?? 0) - (calls[0] ?? 0)) / 1_000;
  const taken = ofDecision(sends, 'accepted');
  findings.atLeast('use of the limit in %', percent(taken.length, seconds * limit), 85);
  const refused = ofDecision(sends, 'rate_limited').length;
  findings.atMost('answers 429 in %', percent(refused, sends.length), 2);
}

/** By how much the account that is farthest from its part is away from it, while all of them had something to send. */
function measureWeights(findings: Findings, taken: readonly (readonly ProviderSend[])[]): void {
  const fromMs = Math.max(...taken.map((sends) => sends[0]?.atMs ?? 0)) + settlingMs;
  const counts = taken.map((sends) => sends.filter(({ atMs }) => atMs >= fromMs).length);
  const all = counts.reduce((sum, count) => sum + count);
  const off = counts.map((count, index) => {
    const part = (all * weights[index]!) / allWeights;
    return percent(Math.abs(count - part), part);
  });
  findings.count('measured_for_their_weight', all);
  findings.atMost('farthest from the part by weight in %', Math.max(...off), 15);
}

function percent(part: number, whole: number): number {
  return Math.round((1_000 * part) / whole) / 10;
}

/** Accounts whose key the provider has paused. */
async function pausedAccounts(world: World, only?: TestTenant): Promise<number> {
  const [row] = await world.postgres.query<{ count: number }>(
    `select count(*)::int as count from accounts a join connections c on c.id = a.connection_id
     join connection_states s on s.fingerprint = c.fingerprint
     where s.paused_at is not null and ($1::uuid is null or a.id = $1)`,
    [only === undefined ? null : readId('acc', only.accountId)],
  );
  return row?.count ?? -1;
}
