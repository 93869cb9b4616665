import { setTimeout as delay } from 'node:timers/promises';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  readonly seconds: number;
  readonly rate: number;
}

/** Tables of the hot path in which a statement now and then meets a conflict that only a repetition solves. */
const stumblingTables = ['messages', 'outgoing', 'intents', 'awaiting', 'receipts', 'outbox'];

export const r06 = defineRun<Size>({
  name: 'R6',
  promise:
    'backends terminated at random, deadlocks and serialisation failures: no 5xx but 503; nothing lost',
  tiers: {
    short: { rounds: 1, size: { seconds: 6, rate: 50 } },
    full: { rounds: 3, size: { seconds: 60, rate: 60 } },
  },
  async round(scene, { seconds, rate }) {
    const { findings } = scene;
    const world = await scene.world({ postgres: { deadlock_timeout: '50ms' } });
    await layStumblingStones(world);
    const load = world.load({ rate, count: rate * seconds, patienceMs: 120_000 });
    const isOver = (): boolean => load.sent >= rate * seconds;
    await Promise.all([terminateBackends(scene, world, isOver), crossLocks(scene, world, isOver)]);
    const report = await load.finished();
    await clearStones(world);
    findings.exactly('clients that were never told 202', report.begun - report.acknowledged, 0);
    const failures = Object.entries(report.answers).filter(
      ([status]) => status.startsWith('5') && status !== '503',
    );
    findings.exactly('5xx answers but 503', JSON.stringify(failures), '[]');
    findings.count('answers_503', report.answers['503'] ?? 0);
    findings.exactly('requests without an answer', report.answers['none'] ?? 0, 0);
    const [stumbles] = await world.postgres.query<{ count: number; deadlocks: number }>(
      `select (select last_value from chaos.stumbles)::int as count,
        (select sum(deadlocks) from pg_stat_database)::int as deadlocks`,
    );
    findings.count('serialisation_failures_and_deadlocks_raised', stumbles?.count ?? 0);
    findings.count('deadlocks_found', stumbles?.deadlocks ?? 0);
    findings.exactly('everything has its fate', String(await world.quiesce(120_000)), 'true');
    findings.judged(await world.judge());
  },
});

/** One write in a hundred fails with 40001 or 40P01. The chance is PostgreSQL's own. */
async function layStumblingStones(world: World): Promise<void> {
  await world.postgres.query(`
    create sequence chaos.stumbles;
    create function chaos.stumble() returns trigger language plpgsql security definer as $$
      begin
        if random() < 0.01 then
          perform nextval('chaos.stumbles');
          raise exception 'again' using errcode = case when random() < 0.5 then '40001' else '40P01' end;
        end if;
        return null;
      end $$`);
  for (const table of stumblingTables)
    await world.postgres.query(
      `create trigger stumble after insert or update or delete on public.${table} for each statement execute function chaos.stumble()`,
    );
}

async function clearStones(world: World): Promise<void> {
  for (const table of stumblingTables)
    await world.postgres.query(`drop trigger stumble on public.${table}`);
}

async function terminateBackends(
  { random, findings }: Scene,
  world: World,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    await delay(random.integer(50, 500));
    const backends = await world.postgres.backends();
    if (backends.length === 0) continue;
    await world.postgres.query('select pg_terminate_backend($1)', [random.pick(backends).pid]);
    findings.count('backends_terminated');
  }
}

/** Another session that locks the same rows in the opposite order, for moments. */
async function crossLocks(scene: Scene, world: World, isOver: () => boolean): Promise<void> {
  const session = await world.postgres.session();
  const statements = [
    'select 1 from lanes order by tenant_id desc limit 2 for update',
    'select 1 from outgoing order by tenant_id desc, message_id desc limit 20 for update',
    'select 1 from messages where status is null order by id desc limit 20 for update',
    'select 1 from awaiting order by tenant_id desc, message_id desc limit 20 for update',
  ];
  try {
    while (!isOver()) {
      try {
        await session.query("begin; set local lock_timeout = '300ms'");
        // From the last table to the first: against the order that the product keeps.
        for (const statement of statements.toReversed()) {
          await session.query(statement);
          await delay(scene.random.integer(0, 30));
        }
        await session.query('commit');
      } catch {
        await session.query('rollback');
      }
      await delay(scene.random.integer(0, 200));
    }
  } finally {
    await session.end();
  }
}
