import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { readId } from '../../../apps/gateway/src/platform/ids/shown-id.js';
import type { TestTenant } from '../../support/api.js';
import { eventually } from '../../support/eventually.js';
import { LiveProbe } from '../harness/live-probe.js';
import { percentile } from '../harness/percentile.js';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';
import { textOf } from '../judge/histories.js';

interface Size {
  /** How long the clients press on. */
  readonly seconds: number;
  /** How often the disk is full, and for how long. */
  readonly fills: number;
  readonly fullSeconds: number;
}

const clients = 200;
/** Clients that read instead: they wait for a pool of one connection. */
const readers = 40;
const pool = 5;
const refusedWithinMs = 250;
const answeredWithinMs = 3_000;
const healedWithinMs = 10_000;
const diskMegabytes = 200;
/** Longer than PostgreSQL takes for its recovery. */
const aliveWithinMs = 45_000;
/** The provider waits up to 256 seconds before it repeats a callback that a full disk refused nine times. */
const quietWithinMs = 300_000;

export const r07 = defineRun<Size>({
  name: 'R7',
  promise:
    'a pool of 5 with 200 clients: refusals answered in < 250 ms at p99; a full disk: heals by itself',
  tiers: {
    short: { rounds: 1, size: { seconds: 8, fills: 1, fullSeconds: 12 } },
    full: { rounds: 3, size: { seconds: 60, fills: 3, fullSeconds: 60 } },
  },
  async round(scene, size) {
    await fewConnections(scene, size);
    await fullDisk(scene, size);
  },
});

/** Bounds as low as they go, so that 200 clients are more than may be under way. */
async function fewConnections(scene: Scene, { seconds }: Size): Promise<void> {
  const { findings } = scene;
  const world = await scene.world({
    replicas: 1,
    direct: true,
    ratePerAccount: 500,
    variables: {
      DATABASE_POOL_SIZE: String(pool),
      LIMIT_ACCEPT_QUEUE_ROWS: '140',
      LIMIT_TENANT_QUEUE_ROWS: '100',
    },
  });
  const probe = new LiveProbe(world.replicas);
  const crowd = new Crowd(world);
  await crowd.press(seconds);
  probe.stop();
  const { refused } = crowd;
  for (const [status, waits] of crowd.waits) findings.count(`answers_${status}`, waits.length);
  findings.count('answers_outcome_unknown', crowd.unknown);
  const p99 = Math.ceil(percentile(refused, 0.99));
  findings.highest('max_refusal_p99_ms', p99);
  findings.highest('max_accept_p99_ms', percentile(crowd.waits.get(202) ?? [], 0.99));
  findings.highest('max_read_p99_ms', percentile(crowd.waits.get(200) ?? [], 0.99));
  scene.say(`${refused.length} refusals, p99 ${p99} ms`);
  findings.atLeast('refusals', refused.length, 100);
  findings.atLeast('accepted meanwhile', crowd.waits.get(202)?.length ?? 0, 100);
  // What an overloaded machine itself delays is not the gateway's: /health/live touches nothing, and clients live in the
  // harness.
  findings.highest('max_live_p99_ms', probe.p99Ms);
  const limitMs = refusedWithinMs + Math.ceil(probe.p99Ms + scene.lag.p99Ms);
  findings.atMost('ms until a refusal, at p99', p99, limitMs);
  const others = [...crowd.waits.keys()].filter((status) => ![200, 202, 429, 503].includes(status));
  findings.exactly('answers other than 200, 202, 429 and 503', others.join(), '');
  findings.exactly('live probes that were not answered with 200', probe.failed, 0);
  findings.exactly('everything has its fate', String(await world.quiesce(120_000)), 'true');
  findings.judged(await world.judge());
}

/** Clients that come again at once, whatever they were told. */
class Crowd {
  /** Milliseconds until each answer, by its status; 0 where none came. */
  readonly waits = new Map<number, number[]>();
  /** Milliseconds until each refusal. Who hears that the outcome is not known was not refused: the work was begun. */
  readonly refused: number[] = [];
  unknown = 0;
  private readonly agent = new Agent({ connections: null, headersTimeout: 0, bodyTimeout: 0 });

  constructor(private readonly world: World) {}

  async press(seconds: number): Promise<void> {
    const untilMs = performance.now() + seconds * 1_000;
    const pressing = Array.from({ length: clients }, async (_, client) => {
      while (performance.now() < untilMs) {
        const status = await (client < readers ? this.read(client) : this.send(client));
        if (status >= 400 || status === 0) await delay(20);
      }
    });
    await Promise.all(pressing);
    await this.agent.close();
  }

  /** Most of them are those of one tenant, so that it meets its own bound as well as that of all. */
  private tenantOf(client: number): TestTenant {
    const { tenants } = this.world;
    return tenants[client % 4 === 0 ? (client / 4) % tenants.length : 0] as TestTenant;
  }

  private async read(client: number): Promise<number> {
    const { status } = await this.ask('GET', '/v1/messages?limit=50', this.tenantOf(client));
    return status;
  }

  private async send(client: number): Promise<number> {
    const { world } = this;
    const n = world.reserve(1);
    const text = textOf(world.run, n);
    world.log({ kind: 'attempt', n, at: Date.now(), mode: 'at_most_once' });
    const { status, body } = await this.ask('POST', '/v1/messages', this.tenantOf(client), {
      recipient: '+380671234567',
      text,
      client_reference: text,
    });
    const id = status === 202 ? readId('msg', (JSON.parse(body) as { id: string }).id) : null;
    world.log({ kind: 'told', n, at: Date.now(), status, ...(id === null ? {} : { id }) });
    return status;
  }

  private async ask(
    method: 'GET' | 'POST',
    path: string,
    tenant: TestTenant,
    body?: Readonly<Record<string, unknown>>,
  ): Promise<{ status: number; body: string }> {
    const startedMs = performance.now();
    let answer = { status: 0, body: '' };
    try {
      const { statusCode, body: answered } = await request(this.world.replicas[0]!.url + path, {
        method,
        dispatcher: this.agent,
        headers: {
          authorization: `Bearer ${tenant.apiKey}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
        signal: AbortSignal.timeout(15_000),
      });
      answer = { status: statusCode, body: await answered.text() };
    } catch {
      // Told as 0.
    }
    const ms = performance.now() - startedMs;
    const waits = this.waits.get(answer.status) ?? [];
    waits.push(ms);
    this.waits.set(answer.status, waits);
    if (answer.body.includes('"outcome_unknown"')) this.unknown += 1;
    else if (answer.status === 429 || answer.status === 503) this.refused.push(ms);
    return answer;
  }
}

/**
 * First the tables of the database cannot grow, then its journal, either; where it ends by that, whoever supervises it
 * starts it again.
 */
async function fullDisk(scene: Scene, { fills, fullSeconds }: Size): Promise<void> {
  const { findings } = scene;
  const world = await scene.world({
    diskMegabytes,
    postgres: { min_wal_size: '32MB', max_wal_size: '48MB' },
  });
  const { disk } = world.postgres;
  if (disk === null) {
    scene.say('a full disk is not tried: this user may not mount a small one');
    findings.count('full_disk_not_tried');
    return;
  }
  const supervisor = new Supervisor(world);
  const probe = new LiveProbe(world.replicas);
  const load = world.load({ rate: 40, count: 100_000, patienceMs: 300_000 });
  try {
    await eventually(async () => load.report().acknowledged >= 40, { withinMs: 60_000 });
    for (let fill = 1; fill <= fills; fill += 1) {
      const refusedBefore = load.report().answers['503'] ?? 0;
      findings.count('bytes_filled', disk.fill());
      // What the database frees meanwhile is taken, too.
      const fullUntilMs = performance.now() + fullSeconds * 1_000;
      while (performance.now() < fullUntilMs) {
        await delay(100);
        disk.fill();
        const isHalfOver = performance.now() > fullUntilMs - fullSeconds * 500;
        if (isHalfOver) void useUpTheJournal(world);
      }
      const refused = (load.report().answers['503'] ?? 0) - refusedBefore;
      findings.count('answers_503_while_full', refused);
      findings.atLeast('requests that a full disk refused', refused, 1);
      disk.free();
      const freedAtMs = performance.now();
      await supervisor.isUp();
      const upMs = performance.now();
      const { acknowledged } = load.report();
      for (const replica of world.replicas) await world.isReady(replica);
      await eventually(async () => load.report().acknowledged > acknowledged, {
        withinMs: 60_000,
        what: 'an acknowledgement',
      });
      const healedMs = Math.round(performance.now() - upMs);
      scene.say(
        `full for ${fullSeconds} s, ${refused} refusals; PostgreSQL there after ${Math.round(upMs - freedAtMs)} ms, all well ${healedMs} ms later`,
      );
      findings.highest('max_healed_after_ms', healedMs);
      findings.atMost('ms until all is well again', healedMs, healedWithinMs);
      await delay(2_000);
    }
  } finally {
    // Whoever closes a world that failed would see it started again.
    await supervisor.stop();
    probe.stop();
  }
  const report = await load.stop();
  findings.count('restarts_of_postgresql', supervisor.restarts);
  findings.count('postgresql_ended_as_it_hung', supervisor.hung);
  const { 202: accepted = 0, 503: unavailable = 0, 409: inProgress = 0 } = report.answers;
  const told = Object.values(report.answers).reduce((sum, count) => sum + count, 0);
  findings.exactly('clients that were never told 202', report.begun - report.acknowledged, 0);
  findings.exactly(
    'answers other than 202, 503, and 409 while a key is in use',
    told - accepted - unavailable - inProgress,
    0,
  );
  const limitMs = answeredWithinMs + Math.ceil(probe.slowestMs + scene.lag.maxMs);
  findings.highest('max_answer_ms_beside_a_full_disk', report.slowestMs);
  findings.atMost('ms of the slowest answer', Math.ceil(report.slowestMs), limitMs);
  findings.exactly('live probes that were not answered with 200', probe.failed, 0);
  const running = world.replicas.filter(({ isRunning }) => isRunning).length;
  findings.exactly('gateways that went on', running, world.replicas.length);
  findings.exactly('everything has its fate', String(await world.quiesce(quietWithinMs)), 'true');
  findings.judged(await world.judge());
}

/** Until PostgreSQL ends, as it does without a further segment of its journal. */
async function useUpTheJournal({ postgres }: World): Promise<void> {
  const session = await postgres.session().catch(() => null);
  await session?.query('select pg_switch_wal()').catch(() => undefined);
  await session?.end().catch(() => undefined);
}

/** Starts PostgreSQL again whenever it is gone, as systemd or a container's restart policy would, and ends one that hangs, as a liveness probe would. */
class Supervisor {
  restarts = 0;
  /** Seen in PostgreSQL 18.4: its checkpointer said PANIC for want of room and did not end, and its postmaster waited for that. */
  hung = 0;
  private stopping = false;
  private readonly done: Promise<void>;

  constructor(private readonly world: World) {
    this.done = this.run();
  }

  /** Resolves once the database takes writes of its superuser. */
  async isUp(): Promise<void> {
    const { postgres } = this.world;
    const takesWrites = async (): Promise<boolean> =>
      postgres
        .query('create table chaos.room as select 1; drop table chaos.room')
        .then(() => true)
        .catch(() => false);
    const what = 'a PostgreSQL that takes writes';
    try {
      await eventually(takesWrites, { withinMs: aliveWithinMs, what });
    } catch {
      this.hung += 1;
      if (postgres.isRunning) await postgres.stopAtOnce();
      await eventually(takesWrites, { withinMs: 120_000, what });
    }
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.done;
  }

  private async run(): Promise<void> {
    while (!this.stopping) {
      await delay(200);
      if (this.world.postgres.isRunning) continue;
      this.restarts += 1;
      await this.world.postgres.begin().catch(() => undefined);
    }
  }
}
