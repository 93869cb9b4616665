import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { recipientFor } from '../../../apps/sandbox/src/fates.js';
import { eventually } from '../../support/eventually.js';
import { root } from '../../support/root.js';
import { auditFences, fenceBreaks } from '../harness/fence-audit.js';
import { fencings } from '../harness/owners.js';
import { followedOf, sendsOf } from '../harness/provider-journal.js';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  /** Messages of each validity of which the provider says "pending" for ever. */
  readonly silent: number;
  /** Seconds. */
  readonly validities: readonly number[];
}

const second = 1_000;
const hour = 3_600;
const day = 24 * hour;

/** Of gateways that believe in three times of day and live in three zones, with database and provider in two others. */
const gateways = [
  { aheadMs: 0, zone: 'Pacific/Kiritimati' },
  { aheadMs: 600 * second, zone: 'America/St_Johns' },
  { aheadMs: -600 * second, zone: 'Asia/Kathmandu' },
] as const;
/** About 35 where the validity is an hour; each further hour of validity is one more poll. */
const mostPolls = (validity: number): number => 40 + Math.max(0, validity / hour - 1);
/** So long a message may wait for its lane, however far the clock is moved in one step. */
const longestValidity = 3 * day;
const messagesPerSuddenStep = 20;
/** Somewhat more than a lease. */
const contestedSeconds = 4;
/** How long the first polls of messages that were sent one after the other lie apart. */
const spreadSeconds = 20;
const suddenEvery = 4;
/** Far more than polls that grow rarer need. */
const mostSteps = 600;

const clockModule = pathToFileURL(join(root, 'test/chaos/harness/shifted-clock.mjs')).href;

export const r13 = defineRun<Size>({
  name: 'R13',
  promise:
    'five days by a moved clock; clocks 10 minutes apart; time zones: polls per message bounded (about 35), none after day 5; no double lease',
  tiers: {
    short: { rounds: 1, size: { silent: 5, validities: [hour] } },
    full: { rounds: 1, size: { silent: 50, validities: [hour, day] } },
  },
  async round(scene, { silent, validities }) {
    const { findings } = scene;
    const world = await scene.world({
      replicas: gateways.length,
      tenants: gateways.length,
      postgres: { timezone: 'Asia/Kolkata' },
      sandbox: { TZ: 'America/New_York' },
      variablesOf: (n) => ({
        NODE_OPTIONS: `--import ${clockModule}`,
        CHAOS_CLOCK_AHEAD_MS: String(gateways[n]?.aheadMs ?? 0),
        TZ: gateways[n]?.zone ?? 'UTC',
      }),
    });
    await auditFences(world.postgres);
    await judgeClocks(scene, world);
    await sendByEachGateway(scene, world);
    const silentOf = new Map<number, number>();
    for (const validity of validities) {
      const first = world.reserve(0);
      await told(scene, world, silent, (n) => ({
        recipient: `+${recipientFor('silent', n)}`,
        validity_seconds: validity,
      }));
      for (let n = first; n < first + silent; n += 1) silentOf.set(n, validity);
    }
    const dueAtMs = await schedule(scene, world);
    await eventually(async () => (await lookAhead(world)).open === silentOf.size, {
      withinMs: 120_000,
      what: 'the first sends',
    });
    scene.say('everything is sent, or waits for its time');
    await liveThroughTheWindow(scene, world);
    // Whatever would still be asked for would be asked for now.
    for (const days of [1, 3]) {
      await world.moveClock(days * day);
      await delay(3 * second);
    }
    findings.exactly('everything has its fate', String(await world.quiesce(120_000)), 'true');
    await judgePolls(scene, world, silentOf);
    await judgeTimes(scene, world, dueAtMs);
    const { writes, breaks } = await fenceBreaks(world.postgres, world.replicas);
    findings.count('audited_writes', writes);
    findings.count('lanes_taken_from_owners', (await fencings(world.postgres)).length);
    findings.notes.push(...breaks);
    findings.exactly('writes by somebody else than the owner of the lane', breaks.length, 0);
    findings.atLeast('audited writes', writes, 1);
    findings.judged(await world.judge());
  },
});

/** What the database says about the clocks of the workers: the run is about clocks that differ. */
async function judgeClocks({ findings }: Scene, world: World): Promise<void> {
  const apart = async (): Promise<number> => {
    const [row] = await world.postgres.query<{ ms: number }>(
      'select coalesce(max(clock_offset_ms) - min(clock_offset_ms), 0)::float8 as ms from workers',
    );
    return Math.round((row?.ms ?? 0) / (60 * second));
  };
  await eventually(async () => (await apart()) > 0, { what: 'clocks that differ' }).catch(
    () => undefined,
  );
  findings.atLeast('minutes between the clocks of two gateways', await apart(), 10);
}

/** Valid for less than the clocks lie apart: by the wrong one they would be over at once, or last for too long. */
async function sendByEachGateway(scene: Scene, world: World): Promise<void> {
  for (const { url } of world.replicas)
    await told(scene, world, 10, () => ({ validity_seconds: 120 }), { url });
  await eventually(async () => (await world.unfinished()) === 0, { withinMs: 30_000 });
  const [row] = await world.postgres.query<{ count: number }>(
    `select count(*)::int as count from messages where status = 'delivered'`,
  );
  scene.findings.exactly(
    'delivered of what was valid for two minutes',
    row?.count ?? -1,
    10 * world.replicas.length,
  );
}

/** Due at times that are written in the offsets of many zones. Gives the moment of each, by its number. */
async function schedule(scene: Scene, world: World): Promise<Map<number, number>> {
  const dueAtMs = new Map<number, number>();
  const hours = [1, 3, 25, 49, 100];
  const minutesEast = [0, 345, -210, 840, -720];
  const first = world.reserve(0);
  hours.forEach((ahead, n) => dueAtMs.set(first + n, world.nowMs + ahead * hour * second));
  await told(scene, world, hours.length, (n) => ({
    send_at: written(dueAtMs.get(n) ?? 0, minutesEast[n - first] ?? 0),
    validity_seconds: longestValidity,
  }));
  return dueAtMs;
}

function written(atMs: number, minutesEast: number): string {
  const local = new Date(atMs + minutesEast * 60 * second).toISOString().slice(0, -1);
  const minutes = Math.abs(minutesEast);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${local}${minutesEast < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

async function told(
  { findings }: Scene,
  world: World,
  count: number,
  message: (n: number) => Readonly<Record<string, unknown>>,
  { url = world.url, rate = 50 }: { url?: string; rate?: number } = {},
): Promise<void> {
  const { begun, acknowledged } = await world.load({ url, count, rate, message }).finished();
  findings.exactly('clients that were never told 202', begun - acknowledged, 0);
}

interface Ahead {
  /** Seconds until something is to be asked for, and until the first window ends; null where there is none. */
  readonly next: number | null;
  readonly ends: number | null;
  readonly overdue: number;
  readonly marked: number;
  readonly open: number;
}

async function lookAhead(world: World): Promise<Ahead> {
  const [row] = await world.postgres.query<Ahead>(
    `select extract(epoch from min(next_poll_at) - app_clock())::float8 as next,
      extract(epoch from min(window_ends_at) - app_clock())::float8 as ends,
      count(*) filter (where next_poll_at <= app_clock() and window_ends_at > app_clock())::int as overdue,
      count(*) filter (where poll_line = 0)::int as marked, count(*)::int as open
    from awaiting where status <> 'uncertain'`,
  );
  return row as Ahead;
}

/**
 * Nothing but polls is under way while the clock moves: until a gateway has measured the step twice its ids are those of
 * the time before, and a timeline that is read by its ids would say so. Every now and then all workers look silent
 * afterwards, and messages are sent while lanes are taken from owners who live.
 */
async function move(
  scene: Scene,
  world: World,
  seconds: number,
  { isSudden }: { isSudden: boolean },
): Promise<void> {
  await world.moveClock(seconds, { isSudden });
  if (!isSudden) return;
  scene.findings.count('sudden_steps');
  await delay(second);
  await told(scene, world, messagesPerSuddenStep, () => ({ validity_seconds: longestValidity }), {
    rate: messagesPerSuddenStep / contestedSeconds,
  });
  await eventually(async () => isAtRest(world), { withinMs: 60_000, what: 'rest' });
}

async function isAtRest(world: World): Promise<boolean> {
  const [row] = await world.postgres.query<{ count: number }>(
    `select ((select count(*) from outgoing) + (select count(*) from awaiting a
      join messages m on m.tenant_id = a.tenant_id and m.id = a.message_id where m.recipient not like '999%')
      + (select count(*) from receipts where not folded))::int as count`,
  );
  return row?.count === 0;
}

/** From poll to poll. */
async function liveThroughTheWindow(scene: Scene, world: World): Promise<void> {
  const { findings } = scene;
  for (let step = 1; step <= mostSteps; step += 1) {
    await eventually(async () => (await lookAhead(world)).overdue === 0, {
      withinMs: 60_000,
      what: 'the polls that are due',
    });
    const { next, ends, marked } = await lookAhead(world);
    if (ends === null || next === null) return;
    const lastHours = ends - 6 * hour + 60;
    if (lastHours <= 0 && marked === 0) {
      // Once a minute of real time it is looked for what leaves the window soon.
      await eventually(async () => (await lookAhead(world)).marked > 0, {
        withinMs: 90_000,
        what: 'the last polls',
      });
      continue;
    }
    const toNext = Math.max(1, next + spreadSeconds);
    const seconds = lastHours > 0 ? Math.min(toNext, lastHours) : toNext;
    findings.count('steps');
    await move(scene, world, seconds, { isSudden: step % suddenEvery === 0 });
    if (step % 10 === 0) scene.say(`step ${step}: ${Math.round(ends / hour)} hours were left`);
    if (seconds < ends) continue;
    await eventually(async () => (await lookAhead(world)).ends === null, {
      withinMs: 60_000,
      what: 'the end of the window',
    });
  }
  throw new Error('polls without end');
}

async function judgePolls(
  { findings }: Scene,
  world: World,
  silentOf: ReadonlyMap<number, number>,
): Promise<void> {
  const followed = await followedOf(world);
  const silent = followed.filter(({ n }) => silentOf.has(n));
  findings.exactly('silent messages that were sent', silent.length, silentOf.size);
  for (const validity of new Set(silentOf.values())) {
    const polls = silent
      .filter(({ n }) => silentOf.get(n) === validity)
      .map(({ pollsAfterMs }) => pollsAfterMs.length);
    const hours = `${validity / hour} h`;
    findings.highest(`max_polls_valid_for_${validity / hour}_h`, Math.max(...polls));
    findings.atMost(
      `polls of a message valid for ${hours}`,
      Math.max(...polls),
      mostPolls(validity),
    );
    findings.atLeast(`polls of each message valid for ${hours}`, Math.min(...polls), 20);
  }
  const lastPolls = followed.flatMap(({ pollsAfterMs }) => pollsAfterMs.at(-1) ?? []);
  const lastHours = Math.max(...lastPolls) / (hour * second);
  findings.highest('max_hours_from_send_to_poll', lastHours);
  findings.atMost('hours from a send to its last poll', lastHours, 5 * 24);
  findings.atLeast('hours from a send to its last poll', lastHours, 5 * 24 - 6);
  const [row] = await world.postgres.query<{ count: number }>(
    `select count(*)::int as count from messages where status = 'unresolved'`,
  );
  findings.exactly('unresolved', row?.count ?? -1, silentOf.size);
}

/** Nothing was sent before its time, and every message is counted on its day of UTC. */
async function judgeTimes(
  { findings }: Scene,
  world: World,
  dueAtMs: ReadonlyMap<number, number>,
): Promise<void> {
  const scheduled = (await sendsOf(world)).filter(({ n }) => dueAtMs.has(n));
  const early = scheduled.filter(({ n, atMs }) => atMs < (dueAtMs.get(n) ?? 0) - second);
  findings.exactly('scheduled messages that were sent', scheduled.length, dueAtMs.size);
  findings.exactly('sent before their time', early.length, 0);
  const [row] = await world.postgres.query<{ days: number; other: number }>(
    `with counted as (select day, sum(accepted)::int as count from daily_counts group by day having sum(accepted) > 0),
      found as (select (accepted_at at time zone 'UTC')::date as day, count(*)::int as count from messages group by 1)
    select count(*)::int as days, (count(*) filter (where c.count is distinct from f.count))::int as other
    from counted c full join found f using (day)`,
  );
  findings.count('days', row?.days ?? 0);
  findings.exactly('days of UTC on which others were counted than accepted', row?.other ?? -1, 0);
}
