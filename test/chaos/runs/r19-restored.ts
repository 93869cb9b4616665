import { setTimeout as delay } from 'node:timers/promises';
import { afterRestore } from '../../support/after-restore.js';
import { callAgain } from '../../support/api.js';
import { archiving } from '../../support/base-backup.js';
import { eventually } from '../../support/eventually.js';
import { adminToken } from '../../support/secrets.js';
import { patientLeases, variablesOf } from '../harness/leases.js';
import { callsOf, sendsOf } from '../harness/provider-journal.js';
import type { Replica } from '../harness/replica.js';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';
import type { DeliveryMode } from '../judge/histories.js';

interface Size {
  /** Messages that are accepted before the data end. */
  readonly accepted: number;
  /** Sends of which what is restored knows nothing. */
  readonly forgotten: number;
  readonly heldSeconds: number;
}

/** How the database comes to stand where it stood before. `goOn` is what is forgotten. */
interface Way {
  readonly what: string;
  /** By which the gateways notice it. */
  readonly mark: string;
  /** Resolves once the gateways run on what was restored, with the time up to which its data reach. */
  restore(world: World, goOn: () => Promise<void>): Promise<Date>;
}

const copy = 'restored';

const ways: readonly Way[] = [
  {
    what: 'a copy beside the original, on which a gateway starts while the original goes on',
    mark: 'database_oid',
    async restore({ postgres, replicas }, goOn) {
      const [first, second] = replicas as [Replica, Replica];
      await second.terminate();
      await postgres.copyTo(copy);
      const dataUntil = new Date();
      await second.startOn(copy);
      await goOn();
      await Promise.all(replicas.map((replica) => replica.terminate()));
      await postgres.replaceBy(copy);
      await Promise.all([first.start(), second.start()]);
      return dataUntil;
    },
  },
  {
    what: 'a copy put in the place of the original, under running gateways',
    mark: 'database_oid',
    async restore({ postgres }, goOn) {
      await postgres.copyTo(copy);
      const dataUntil = new Date();
      await goOn();
      await postgres.replaceBy(copy);
      return dataUntil;
    },
  },
  {
    what: 'the server restored to a point in time, under running gateways',
    mark: 'timeline',
    async restore({ postgres }, goOn) {
      await goOn();
      const [row] = await postgres.query<{ now: Date; text: string }>(
        'select clock_timestamp() as now, clock_timestamp()::text as text',
      );
      const { now, text } = row as { now: Date; text: string };
      await goOn();
      await postgres.restoreTo(text);
      return now;
    },
  },
];

const modes: readonly DeliveryMode[] = ['at_most_once', 'at_least_once'];
/** Calls a second and account, until the release: what was accepted lasts until then. */
const slowly = 1;
/** Some are due before the database is restored, some after it; the sooner ones take their place in the queue while all is on hold. */
const scheduledEvery = 10;
const scheduledWithinSeconds = 40;
/** What was on the wire when the database went is at the provider by then, and in its journal. */
const underWayMs = 2_500;
/** Evidence that went to the original comes again by polls. */
const pollsDueSeconds = 3_600;
const validitySeconds = 6 * 3_600;

/** What a database brings back when it is restored was sent long ago. */
export const r19 = defineRun<Size>({
  name: 'R19',
  promise:
    'a copy taken under load beside the original, a database swapped under running gateways, a restore to a point in time: nothing is sent before the release, duplicate 0 under at_most_once',
  tiers: {
    short: { rounds: 1, size: { accepted: 160, forgotten: 20, heldSeconds: 3 } },
    full: { rounds: 3, size: { accepted: 600, forgotten: 100, heldSeconds: 10 } },
  },
  async round(scene, size) {
    for (const way of ways) await restoredBy(way, scene, size);
  },
});

async function restoredBy(way: Way, scene: Scene, size: Size): Promise<void> {
  const { findings } = scene;
  const world = await scene.world({
    mostPerAccount: slowly,
    variables: variablesOf(patientLeases),
    postgres: archiving,
  });
  // The backup of a point in time is older than what is restored from it.
  await world.postgres.takeBackup();
  await sendInBothModes(scene, world, size.accepted);
  scene.say(`${way.what}: it begins`);
  const dataUntil = await way.restore(world, () => sendsGoOn(world, size.forgotten));
  await delay(underWayMs);
  const stoppedAt = new Date();
  const queued = await world.noteRestored();
  findings.count('restores');
  findings.count('sends_that_were_forgotten', await takenSince(world, dataUntil.getTime()));
  findings.count('queued_when_the_data_ended', queued);

  findings.exactly(`seen of ${way.what}`, await marksOf(world), way.mark);
  scene.say('on hold');
  const callsBefore = await callsOf(world);
  await sendInBothModes(scene, world, size.accepted / 4);
  await delay(size.heldSeconds * 1_000);
  findings.exactly('calls while on hold', (await callsOf(world)) - callsBefore, 0);
  findings.atLeast('messages that wait on hold', await world.queued(), size.accepted / 8);

  const { code, errors } = await afterRestore(
    { url: world.postgres.loginUrl, ownerUrl: world.postgres.ownerUrl },
    '--data-until',
    dataUntil.toISOString(),
    '--sending-stopped-at',
    stoppedAt.toISOString(),
  );
  findings.exactly('exit code of after-restore', String(code), '0');
  if (code !== 0) findings.notes.push(errors);
  await callAgain(world, 'POST', '/admin/installation/release', { token: adminToken, expect: 200 });
  scene.say('released');
  await world.moveClock(pollsDueSeconds);
  findings.exactly('everything has its fate', String(await world.drain()), 'true');
  const judgement = await world.judge();
  scene.say(`${queued} were queued when the data ended, ${judgement.uncertain} stay uncertain`);
  findings.judged(judgement);
  await Promise.all(world.replicas.map((replica) => replica.terminate()));
}

async function sendInBothModes(
  { findings, random }: Scene,
  world: World,
  count: number,
): Promise<void> {
  const message = (n: number): Readonly<Record<string, unknown>> => ({
    validity_seconds: validitySeconds,
    ...(n % scheduledEvery === 0
      ? { send_at: new Date(Date.now() + random.integer(1, scheduledWithinSeconds) * 1_000) }
      : {}),
  });
  const loads = modes.map((mode) =>
    world.load({ mode, rate: 50, count: count / modes.length, message }),
  );
  for (const load of loads) {
    const { begun, acknowledged } = await load.finished();
    findings.exactly('clients that were never told 202', begun - acknowledged, 0);
  }
}

async function takenSince(world: World, atMs: number): Promise<number> {
  return (await sendsOf(world)).filter((send) => send.atMs > atMs).length;
}

async function sendsGoOn(world: World, count: number): Promise<void> {
  const fromMs = Date.now();
  await eventually(async () => (await takenSince(world, fromMs)) >= count, {
    withinMs: 60_000,
    what: `${count} further sends`,
  });
}

/** By which the installation knows that its database is another one. */
async function marksOf(world: World): Promise<string> {
  let marks: string[] = [];
  await eventually(
    async () => {
      const { hold } = await callAgain<{ hold: { difference: { mark: string }[] } | null }>(
        world,
        'GET',
        '/admin/installation',
        { token: adminToken, expect: 200 },
      );
      marks = (hold?.difference ?? []).map(({ mark }) => mark);
      return hold !== null;
    },
    { withinMs: 20_000, what: 'an installation on hold' },
  );
  return marks.join();
}
