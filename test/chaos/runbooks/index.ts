import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { call } from '../../support/api.js';
import { eventually } from '../../support/eventually.js';
import { adminToken } from '../../support/secrets.js';
import { readNdjson } from '../judge/ndjson.js';
import type { ChaosRun } from '../harness/run.js';
import { runbook, type Patient, type Samples } from './runbook.js';

function sumOf(now: Samples, begin: string, has = ''): number {
  let sum = 0;
  for (const [name, value] of now) if (name.startsWith(begin) && name.includes(has)) sum += value;
  return sum;
}

const paused = (reason: string) => (now: Samples) =>
  (now.get(`tyrian_paused_connections{reason="${reason}"}`) ?? 0) > 0;

/** Nothing is paused, and what was accepted has left the queue. */
const isSending = (now: Samples): boolean =>
  sumOf(now, 'tyrian_paused_connections') === 0 && sumOf(now, 'tyrian_queued_messages') === 0;

const attempts = (now: Samples, has: string): number => sumOf(now, 'tyrian_attempts_total', has);
const callbacks = (now: Samples): number =>
  sumOf(now, 'tyrian_http_request_seconds_count', 'route="/callbacks/');

/** What counters grew by within a span. */
async function growth(
  patient: Patient,
  ms: number,
  count: (now: Samples) => number,
): Promise<number> {
  const before = count(await patient.metrics());
  await delay(ms);
  return count(await patient.metrics()) - before;
}

const isLimited = (now: Samples): number => attempts(now, 'code="rate_limited"');

interface JournalLine {
  readonly kind: string;
  readonly decision: string;
  readonly recipient?: string;
}

/** Each message has a recipient of its own: whoever was sent two got one twice. */
async function countDuplicates({ world }: Patient): Promise<number> {
  await world.quiesce(60_000);
  const recipients = new Map<string, number>();
  for await (const line of readNdjson<JournalLine>(world.sandbox.journal)) {
    if (line.kind !== 'send' || line.decision !== 'accepted' || !line.recipient) continue;
    recipients.set(line.recipient, (recipients.get(line.recipient) ?? 0) + 1);
  }
  return [...recipients.values()].filter((times) => times > 1).length;
}

async function keyRateOf({ gateway, tenant }: Patient): Promise<number> {
  const lane = await call<{ key_rate_per_second: number }>(
    gateway,
    'GET',
    `/admin/lanes/${tenant.accountId}`,
    { token: adminToken, expect: 200 },
  );
  return lane.key_rate_per_second;
}

/** Somebody else calls the provider with the same key, five times a second, until there is no provider any more. */
function useTheKeyElsewhere({ world, tenant }: Patient): void {
  const timer = setInterval(() => {
    fetch(`${world.sandbox.url}/v1/api/receive-viber`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Basic ${Buffer.from(`key-${tenant.id}`).toString('base64')}`,
      },
      body: '{"message_id":1}',
    })
      .then((answer) => answer.arrayBuffer())
      .catch(() => clearInterval(timer));
  }, 200);
  timer.unref();
}

/** As `Look` finds it: in the environment of the gateway that still runs. */
function masterKeyOf(pid: number): string {
  const lines = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  const found = lines.find((line) => line.startsWith('MASTER_KEY='));
  if (!found) throw new Error('the running gateway has no MASTER_KEY');
  return found.slice('MASTER_KEY='.length);
}

const strayMessages = 20;

const acceptCommits = (now: Samples): number =>
  sumOf(now, 'tyrian_commit_seconds_count', 'commit="accept"');

/** What one more message is answered, and by how much that moved the count of accepting commits. */
async function tryAccepting(patient: Patient): Promise<{ status: number; commits: number }> {
  const before = acceptCommits(await patient.metrics());
  const { status } = await fetch(`${patient.gateway.url}/v1/messages`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${patient.tenant.apiKey}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ recipient: '+380501234567', text: 'Is there room?' }),
  });
  if (status === 202) acknowledged += 1;
  return { status, commits: acceptCommits(await patient.metrics()) - before };
}

const proveNow = `update reconciliations set next_check_at = app_clock()`;
/** Before the cut any number of them is normal. */
let callbacksAtCut = -1;
let flipped = '';
let acknowledged = 0;
let filling: NodeJS.Timeout | undefined;
let span = { dataUntil: '', stoppedAt: '' };

/** `npm run chaos -- runbook <name>`: each page of docs/operations that real processes can be led through. */
export const runbooks: readonly ChaosRun[] = [
  runbook({
    name: 'balance-empty',
    isNormal: isSending,
    isAlarming: paused('balance_empty'),
    async bringAbout(patient) {
      await patient.setKey({ balance: 0 });
      await patient.send(20);
    },
    cure: (patient) => patient.setKey({ balance: null }),
  }),
  runbook({
    name: 'key-refused',
    isNormal: isSending,
    isAlarming: paused('key_refused'),
    async bringAbout(patient) {
      await patient.setKey({ unauthorised: true });
      await patient.send(20);
      // The lanes are read by the page: their owner has told of them by then.
      await delay(3_000);
    },
    cure: (patient) => patient.setKey({ unauthorised: false }),
  }),
  runbook({
    name: '429-storm',
    isNormal: async (_now, patient) => (await growth(patient, 5_000, isLimited)) === 0,
    isAlarming: (now) => isLimited(now) > Math.max(5, attempts(now, '') / 50),
    async bringAbout(patient) {
      await patient.setKey({ limit: 10 });
      useTheKeyElsewhere(patient);
      await patient.send(400);
    },
    variables: (patient) => ({ API_KEY: patient.tenant.apiKey }),
    // A storm calms down by itself; what the page does is to keep it so.
    countFaults: async (patient) => ((await keyRateOf(patient)) <= 3 ? 0 : 1),
    normalWithinMs: 90_000,
  }),
  runbook({
    name: 'uncertain-rising',
    isNormal: (now) =>
      now.get('tyrian_awaiting_messages{status="uncertain"}') === 0 &&
      sumOf(now, 'tyrian_queued_messages') === 0,
    isAlarming: (now) => (now.get('tyrian_awaiting_messages{status="uncertain"}') ?? 0) >= 5,
    world: { sandbox: { SANDBOX_DELIVERY_MS: '8000' } },
    async bringAbout(patient) {
      await patient.world.sandbox.setFault({ fault: 'reset_after', on: 'send' });
      await patient.send(30);
    },
    cure: (patient) => patient.world.sandbox.setFault(null),
    normalWithinMs: 120_000,
  }),
  runbook({
    name: 'no-callbacks',
    isNormal: (now) =>
      sumOf(now, 'tyrian_awaiting_messages') === 0 && callbacks(now) > callbacksAtCut,
    async isAlarming(_now, patient) {
      const accepted = (now: Samples): number => attempts(now, 'outcome="accepted"');
      const before = accepted(await patient.metrics());
      const heard = growth(patient, 3_000, callbacks);
      await patient.send(5);
      return (await heard) === 0 && accepted(await patient.metrics()) > before;
    },
    async bringAbout(patient) {
      await patient.send(5);
      await eventually(async () => callbacks(await patient.metrics()) > 0, {
        withinMs: 20_000,
        what: 'callbacks before the cut',
      });
      callbacksAtCut = callbacks(await patient.metrics());
      patient.world.toFront.cut();
    },
    cure: async (patient) => patient.world.toFront.mend(),
    normalWithinMs: 120_000,
  }),
  runbook({
    name: 'queue-ageing',
    isNormal: (now) => sumOf(now, 'tyrian_oldest_queued_seconds') < 1,
    isAlarming: (now) => sumOf(now, 'tyrian_oldest_queued_seconds') > 8,
    async bringAbout(patient) {
      await call(patient.gateway, 'POST', `/admin/lanes/${patient.tenant.accountId}/pause`, {
        token: adminToken,
        expect: 200,
      });
      await patient.send(20);
    },
  }),
  runbook({
    name: 'proof-mismatch',
    isNormal: (now) => now.get('tyrian_failed_proofs') === 0,
    isAlarming: (now) => now.get('tyrian_failed_proofs') === 1,
    async bringAbout(patient) {
      const { postgres } = patient.world;
      await patient.send(10);
      await patient.world.quiesce(60_000);
      const [row] = await postgres.query<{ id: string }>(
        `update messages set status = 'undelivered'
          where id = (select id from messages where status = 'delivered' limit 1) returning id`,
      );
      if (!row) throw new Error('nothing was delivered');
      flipped = row.id;
      await eventually(
        async () => {
          await postgres.query(proveNow);
          return (await patient.metrics()).get('tyrian_failed_proofs') === 1;
        },
        { withinMs: 150_000, what: 'a proof that fails' },
      );
    },
    async cure(patient) {
      await patient.world.postgres.query(`update messages set status = 'delivered' where id = $1`, [
        flipped,
      ]);
    },
    normalWithinMs: 150_000,
  }),
  runbook({
    name: 'master-key-lost',
    isNormal: (now) => now.get('tyrian_workers') === 2,
    isAlarming: (now) => now.get('tyrian_workers') === 1,
    world: { replicas: 2 },
    async bringAbout({ world }) {
      const [, other] = world.replicas;
      await other!.terminate();
      const another = randomBytes(32).toString('base64');
      const refusal = await other!.start({ MASTER_KEY: another }).catch((error: Error) => error);
      if (!(refusal instanceof Error) || !refusal.message.includes('MASTER_KEY'))
        throw new Error('a start with another key did not name MASTER_KEY', { cause: refusal });
    },
    variables: ({ gateway }) => ({ GATEWAY_PID: String(gateway.pid) }),
    cure: ({ world, gateway }) =>
      world.replicas[1]!.start({ MASTER_KEY: masterKeyOf(gateway.pid) }),
  }),
  runbook({
    name: 'default-partition',
    isNormal: (now) =>
      now.get('tyrian_stray_rows') === 0 &&
      (now.get('tyrian_partition_horizon_seconds') ?? 0) > 7 * 86_400,
    isAlarming: (now) =>
      (now.get('tyrian_stray_rows') ?? 0) >= strayMessages &&
      (now.get('tyrian_partition_horizon_seconds') ?? 0) < 7 * 86_400,
    async bringAbout(patient) {
      const { postgres } = patient.world;
      const partitions = await postgres.query<{ name: string }>(
        `select inhrelid::regclass::text as name from pg_inherits
          where inhparent in ('messages'::regclass, 'events'::regclass, 'feed'::regclass)
            and inhrelid::regclass::text not like '%_default'`,
      );
      for (const { name } of partitions) await postgres.query(`drop table ${name}`);
      await patient.send(strayMessages);
      await patient.world.quiesce(60_000);
    },
    async countFaults({ world: { postgres } }) {
      const [row] = await postgres.query<{ kept: number; in_weeks: number }>(
        `select (select count(*) from messages m where status = 'delivered'
            and exists (select from events e where e.tenant_id = m.tenant_id and e.message_id = m.id))::int as kept,
          (select count(*) from messages where tableoid <> 'messages_default'::regclass)::int as in_weeks`,
      );
      return 2 * strayMessages - (row?.kept ?? 0) - (row?.in_weeks ?? 0);
    },
  }),
  runbook({
    name: 'disk-full',
    // As small as PostgreSQL gets along with: what it writes of its journal has room, tables have none.
    world: { diskMegabytes: 200, postgres: { min_wal_size: '32MB', max_wal_size: '48MB' } },
    async isNormal(_now, patient) {
      const { status, commits } = await tryAccepting(patient);
      return status === 202 && commits > 0;
    },
    async isAlarming(_now, patient) {
      const { status, commits } = await tryAccepting(patient);
      return status === 503 && commits === 0;
    },
    async bringAbout({ world: { postgres } }) {
      const { disk } = postgres;
      if (disk === null) throw new Error('this user may not mount a small disk');
      disk.fill();
      // What the database frees meanwhile is taken, too.
      filling = setInterval(() => disk.fill(), 100);
    },
    async cure({ world: { postgres } }) {
      clearInterval(filling);
      postgres.disk?.free();
      if (!postgres.isRunning) await postgres.begin();
    },
    async countFaults({ world }) {
      await world.quiesce(60_000);
      const [row] = await world.postgres.query<{ delivered: number }>(
        `select count(*)::int as delivered from messages where status = 'delivered'`,
      );
      return Math.max(0, acknowledged - (row?.delivered ?? 0));
    },
  }),
  runbook({
    name: 'restore',
    isNormal: (now) => now.get('tyrian_on_hold') === 0,
    isAlarming: (now) => now.get('tyrian_on_hold') === 1,
    async bringAbout(patient) {
      const { world, gateway } = patient;
      await world.postgres.query('update connections set max_per_second = 10');
      await patient.send(60);
      await gateway.terminate();
      const dataUntil = new Date();
      await world.postgres.copyTo('restored');
      await gateway.start();
      await eventually(async () => attempts(await patient.metrics(), 'outcome="accepted"') > 20, {
        withinMs: 30_000,
        what: 'sends that the copy does not know',
      });
      await gateway.terminate();
      span = { dataUntil: dataUntil.toISOString(), stoppedAt: new Date().toISOString() };
      await world.postgres.replaceBy('restored');
      await gateway.start();
    },
    variables: ({ world }) => ({
      DATA_UNTIL: span.dataUntil,
      STOPPED_AT: span.stoppedAt,
      PUBLIC_URL: world.url,
    }),
    countFaults: countDuplicates,
  }),
];
