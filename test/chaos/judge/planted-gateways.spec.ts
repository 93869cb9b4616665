import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ViberClient, ViberOutcomeUnknown, type ViberStatusAnswer } from '#viber';
import { LaneRegistry } from '../../../apps/gateway/src/lanes/lane-registry.js';
import { LaneWorker } from '../../../apps/gateway/src/lanes/lane-worker.js';
import { Settler } from '../../../apps/gateway/src/lanes/settler.js';
import {
  MessageAcceptor,
  type Acceptance,
  type AcceptanceUnit,
} from '../../../apps/gateway/src/messages/message-acceptor.js';
import { MessageEnder } from '../../../apps/gateway/src/messages/message-ender.js';
import type { Deadline } from '../../../apps/gateway/src/platform/deadline/index.js';
import type { Loop } from '../../../apps/gateway/src/platform/loops/index.js';
import { LaneQueue, QueueRows } from '../../../apps/gateway/src/queue/index.js';
import { createSandbox, recipientFor, type Sandbox } from '../../../apps/sandbox/src/sandbox.js';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import {
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../../support/gateway.js';
import { pause } from '../../support/steps.js';
import { LoadClient } from '../harness/load-client.js';
import { Random } from '../harness/random.js';
import type { ClientEntry } from './histories.js';
import { judge } from './judge.js';
import { readDatabase } from './read-database.js';
import type { Judgement } from './verdicts.js';

const run = 'planted';
const messages = 30;

let database: TestDatabase;
let sandbox: Sandbox;
let gateways: TestGateway[];
let tenant: TestTenant;
let clients: ClientEntry[];

beforeEach(async () => {
  database = await createTestDatabase();
  sandbox = await createSandbox({ port: 0, deliveryMs: 100, latencyMs: 50 });
  gateways = [];
  clients = [];
  await gateway();
  tenant = await createTenant(first());
  await database.query('update connection_states set rate = 1000');
}, 60_000);

afterEach(async () => {
  await Promise.all(gateways.map((one) => one.close()));
  await sandbox.close();
  await database.drop();
});

/** A gateway in this process, with its real modules, into which a test can put a bug. */
async function gateway(): Promise<TestGateway> {
  const started = await startGateway({ database, providerUrl: sandbox.url });
  gateways.push(started);
  return started;
}

function first(): TestGateway {
  return gateways[0] as TestGateway;
}

/** Messages to recipients of a fate, all told 202. */
async function load(fate = 'delivered', count = messages): Promise<void> {
  const client = new LoadClient({
    run,
    url: first().url,
    tenants: [tenant],
    log: { append: (entry) => void clients.push(entry) },
    random: new Random(1),
    mode: 'at_most_once',
    firstNumber: 0,
    rate: 300,
    count,
    message: (n) => ({ recipient: `+${recipientFor(fate, n)}` }),
  });
  expect((await client.finished()).acknowledged).toBe(count);
}

async function unfinished(): Promise<number> {
  const [row] = await database.query<{ rows: number }>(
    `select ((select count(*) from outgoing) + (select count(*) from receipts where not folded)
      + (select count(*) from awaiting where status <> 'uncertain'))::int as rows`,
  );
  return row?.rows ?? -1;
}

/** Everything has its fate, or never gets one. */
async function quiet(withinMs: number): Promise<void> {
  await eventually(async () => (await unfinished()) === 0, { withinMs }).catch(() => undefined);
}

function judged(): Promise<Judgement> {
  return judge({
    run,
    clients,
    provider: sandbox.journal.entries(),
    database: readDatabase((text, parameters) => database.query(text, parameters)),
    acts: [],
    heard: null,
    judgedAt: Date.now(),
  });
}

/** Puts another method in the place of one, which it may call. */
function replace<T extends object, K extends keyof T>(
  target: T,
  name: K,
  make: (real: T[K]) => T[K],
): void {
  const real = target[name] as (...args: never[]) => unknown;
  target[name] = make(real.bind(target) as T[K]);
}

const none = { LOST: 0, DUPLICATE: 0, UNEXPECTED: 0, FALSE_UNCERTAIN: 0, WRONG: 0, UNTOLD: 0 };

/** A 404 read as if it told the status 2. */
const takenForFate: ViberStatusAnswer = {
  messageId: '1',
  status: 2,
  sms: null,
  httpStatus: 404,
  durationMs: 1,
  rawText: '',
  deviations: [],
  errorBody: null,
  rateLimit: null,
};

describe('the judge of a real gateway', () => {
  it.each([
    ['delivered', messages],
    ['undelivered', messages],
    // One more unknown outcome in a row would open the breaker, which lets out one message at a time.
    ['reset_after', 4],
    ['callback_first', messages],
  ])(
    'finds nothing where there is no bug: %s',
    async (fate, count) => {
      await load(fate, count);
      await quiet(20_000);
      expect((await judged()).counts).toEqual(none);
    },
    60_000,
  );

  it('finds the message that was acknowledged before its commit, and never came to one', async () => {
    let units = 0;
    replace(
      first().get(MessageAcceptor),
      'accept',
      (accept) => async (unit: AcceptanceUnit, deadline: Deadline) => {
        units += 1;
        if (units % 10 !== 0) void accept(unit, deadline);
        const items = unit.items.map(
          ({ message }) => ({ kind: 'accepted', id: message.id }) as const,
        );
        return { kind: 'accepted', items } satisfies Acceptance;
      },
    );
    await load();
    await quiet(20_000);
    expect((await judged()).counts).toEqual({ ...none, LOST: messages / 10 });
  }, 60_000);

  it("finds what the client's own retry sent twice", async () => {
    replace(first().get(ViberClient), 'send', (send) => async (...call) => {
      try {
        return await send(...call);
      } catch (error) {
        if (!(error instanceof ViberOutcomeUnknown)) throw error;
        return send(...call);
      }
    });
    await load('reset_after');
    await quiet(20_000);
    const { counts } = await judged();
    expect(counts.DUPLICATE).toBeGreaterThan(0);
  }, 60_000);

  it('finds the two rows of one key that was looked up before the insert', async () => {
    const known = new Map<string, string>();
    replace(
      first().get(MessageAcceptor),
      'accept',
      (accept) => async (unit: AcceptanceUnit, deadline: Deadline) => {
        const key = unit.claim?.key ?? '';
        const id = known.get(key);
        if (id !== undefined) return { kind: 'replayed', messageId: id, results: null };
        await pause(100);
        known.set(key, unit.items[0]?.message.id ?? '');
        return accept({ ...unit, claim: null }, deadline);
      },
    );
    await Promise.all([load(), load()]);
    await quiet(20_000);
    const { counts } = await judged();
    expect(counts.DUPLICATE).toBeGreaterThan(0);
    expect(counts.UNEXPECTED).toBe(counts.DUPLICATE);
  }, 60_000);

  it('finds the fate that a refused poll was taken for', async () => {
    replace(first().get(ViberClient), 'status', (status) => async (...call) => {
      try {
        return await status(...call);
      } catch {
        return takenForFate;
      }
    });
    await load('poll_refused');
    const sent = (): Promise<unknown[]> => database.query('select 1 from awaiting');
    await eventually(async () => (await sent()).length === messages, { what: 'all sent' });
    await database.query('update awaiting set next_poll_at = app_clock()');
    await quiet(30_000);
    expect((await judged()).counts).toEqual({ ...none, WRONG: messages });
  }, 60_000);

  it('finds the messages of a lane that nobody was woken for', async () => {
    await database.query(`create function forget() returns trigger language plpgsql as
      $$ begin new.has_work := false; return new; end $$`);
    await database.query(`create trigger forget before update of has_work on lanes for each row
      when (new.has_work and not old.has_work) execute function forget()`);
    await load();
    await quiet(4_000);
    expect((await judged()).counts).toEqual({ ...none, LOST: messages });
  }, 60_000);

  it('finds the expiry of what was on the wire', async () => {
    replace(first().get(QueueRows), 'findOnWire', () => async () => new Set<string>());
    const isOpen = async (): Promise<boolean> =>
      (await database.query('select 1 from intents')).length > 0;
    const loading = load('undelivered');
    await eventually(isOpen, { what: 'something on the wire' });
    await database.query(`update outgoing set expires_at = app_clock() - interval '1 second'`);
    await first().get(MessageEnder).expireOverdue(1_000);
    await loading;
    await quiet(20_000);
    const { counts } = await judged();
    expect(counts.WRONG).toBeGreaterThan(0);
  }, 60_000);

  it('finds what a takeover queued again although it stood in an open intent', async () => {
    await dieWithAnswersInHand(first(), () => load('no_callback'));
    const survivor = await gateway();
    replace(
      survivor.get(LaneQueue),
      'settle',
      (settle) => (tx, outcomes, done) =>
        settle(
          tx,
          outcomes.map((outcome) =>
            outcome.code === 'owner_lost' ? { ...outcome, outcome: 'not_sent' } : outcome,
          ),
          done,
        ),
    );
    await eventually(async () => (await database.query('select 1 from outgoing')).length === 0, {
      withinMs: 30_000,
      what: 'an empty queue',
    });
    const { counts } = await judged();
    expect(counts.DUPLICATE).toBeGreaterThan(0);
  }, 90_000);
});

/** As a power cut of the worker: no heartbeat any more, and what the provider answered is never settled. */
async function dieWithAnswersInHand(victim: TestGateway, work: () => Promise<void>): Promise<void> {
  const answered = new Promise<void>((resolve) => {
    replace(victim.get(Settler), 'settle', () => () => {
      resolve();
      return new Promise(() => undefined);
    });
  });
  await work();
  await answered;
  const { heartbeat, loops } = victim.get(LaneWorker) as unknown as {
    heartbeat: Loop;
    loops: Loop[];
  };
  victim.get(LaneRegistry).dropAll();
  await Promise.all([heartbeat, ...loops].map((loop) => loop.stop()));
}
