import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SystemStateReader } from '../../apps/gateway/src/admin/system-state.js';
import { DriftCounter } from '../../apps/gateway/src/drift/drift-counter.js';
import { Poller } from '../../apps/gateway/src/lanes/poller.js';
import { Database } from '../../apps/gateway/src/platform/database/index.js';
import { ProofRunner } from '../../apps/gateway/src/reconciliation/proof-runner.js';
import { adminToken } from '../support/configuration.js';
import { call, eventually } from '../support/gateway.js';
import { readMetrics } from '../support/metrics.js';
import { pause } from '../support/steps.js';
import { callbackUrl, tell, World } from '../support/world.js';

let world: World;
/** Reads the state anew each time, where the gateway keeps a reading for five seconds. */
let recent: jest.SpiedFunction<SystemStateReader['recent']>;

beforeEach(async () => {
  world = await World.start();
  const reader = world.steps.gateway.get(SystemStateReader);
  recent = jest.spyOn(reader, 'recent').mockImplementation(() => reader.read());
});

afterEach(() => world.close());

/** Waits for a reading with these values, and compares the last one's. */
async function eventuallyMetrics(expected: Readonly<Record<string, number>>): Promise<void> {
  const names = Object.keys(expected);
  let seen: Record<string, number | undefined> = {};
  const read = async (): Promise<boolean> => {
    const metrics = await readMetrics(world.steps.gateway);
    seen = Object.fromEntries(names.map((name) => [name, metrics.get(name)]));
    return names.every((name) => seen[name] === expected[name]);
  };
  const deadlineMs = performance.now() + 12_000;
  while (!(await read()) && performance.now() < deadlineMs) await pause(200);
  expect(seen).toEqual(expected);
}

const overview = () =>
  call<{ at: string; queued: { oldest_at: string }; proof: { last_checked_at: string | null } }>(
    world.steps.gateway,
    'GET',
    '/admin/overview',
    {
      token: adminToken,
      expect: 200,
    },
  );

async function pauseAccount(): Promise<void> {
  await call(world.steps.gateway, 'POST', `/v1/accounts/${world.tenant.accountId}/pause`, {
    token: world.tenant.apiKey,
    body: { reason: 'Stock-taking' },
    expect: 200,
  });
}

describe('the state of the installation', () => {
  it('is read anew after five seconds, however often it is asked for', async () => {
    recent.mockRestore();
    const beforeMs = performance.now();
    await eventuallyMetrics({ 'tyrian_queued_messages{class="normal"}': 0 });
    await pauseAccount();
    await world.send();
    await eventuallyMetrics({ 'tyrian_queued_messages{class="normal"}': 1 });
    expect(performance.now() - beforeMs).toBeGreaterThan(5_000);
  });

  it('tells what waits, by class, and for how long', async () => {
    await pauseAccount();
    await world.send({ priority: 'urgent' });
    await world.send();
    await world.send();
    await world.send({ category: 'promotional' });
    await world.send({ send_at: new Date(Date.now() + 3_600_000).toISOString() });
    await world.database.moveClock(90_000);
    await eventuallyMetrics({
      'tyrian_queued_messages{class="urgent"}': 1,
      'tyrian_queued_messages{class="normal"}': 2,
      'tyrian_queued_messages{class="promotional"}': 1,
      tyrian_scheduled_messages: 1,
      'tyrian_lanes{state="paused",reason=""}': 1,
      tyrian_system_state_readable: 1,
    });
    const metrics = await readMetrics(world.steps.gateway);
    for (const line of ['urgent', 'normal', 'promotional'])
      expect(metrics.get(`tyrian_oldest_queued_seconds{class="${line}"}`)).toBeGreaterThan(89);
    const seen = await overview();
    expect(seen).toMatchObject({
      queued: { urgent: 1, normal: 2, promotional: 1, scheduled: 1 },
      lanes: [{ state: 'paused', reason: null, lanes: 1 }],
    });
    expect(Date.parse(seen.queued.oldest_at)).toBeLessThan(Date.parse(seen.at) - 89_000);
  });

  it('tells what is on the wire, what is awaited, what is uncertain, and which polls are due', async () => {
    await world.send({ text: 'arrives' });
    await world.send({ text: 'is lost on the way' });
    const wire: { accept(id: number): void }[] = [];
    await world.send({ text: 'stays on the wire' });
    world.onSend = (request) => {
      if (request.body['text'] === 'arrives') request.accept(world.nextId());
      else if (request.body['text'] === 'is lost on the way') request.reset();
      else wire.push(request);
    };
    await world.steps.own();
    await world.steps.pump();
    await eventually(async () => wire.length === 1 && (await world.count('awaiting')) === 2);
    await world.database.query(
      'update awaiting set next_poll_at = app_clock() where poll_line is not null',
    );
    await eventuallyMetrics({
      'tyrian_awaiting_messages{status="sent"}': 1,
      'tyrian_awaiting_messages{status="uncertain"}': 1,
      tyrian_polls_due: 1,
      tyrian_open_intents: 1,
      tyrian_workers: 1,
      tyrian_polls_possible_per_second: 500,
    });
    const metrics = await readMetrics(world.steps.gateway);
    expect(metrics.get('tyrian_oldest_intent_seconds')).toBeGreaterThan(0);
    const seen = await overview();
    expect(seen).toMatchObject({
      awaiting: { sent: 1, uncertain: 1, polls_due: 1 },
      workers: [{ alive: true, lost_at: null }],
    });
    wire[0]?.accept(world.nextId());
    await world.steps.settled();
  });

  it('tells how far behind the fold and the relay are', async () => {
    await world.send();
    await world.steps.own();
    await world.steps.pump();
    await world.sent(1);
    await world.steps.settled();
    await tell(callbackUrl(world.sends[0]), 1);
    await world.database.moveClock(30_000);
    // Accepted and sent: both events wait, as no loop turns here.
    await eventuallyMetrics({ tyrian_unfolded_receipts: 1, tyrian_unrelayed_events: 2 });
    const metrics = await readMetrics(world.steps.gateway);
    expect(metrics.get('tyrian_fold_lag_seconds')).toBeGreaterThan(29);
    expect(metrics.get('tyrian_outbox_lag_seconds')).toBeGreaterThan(29);
    await world.fold();
    await eventuallyMetrics({ tyrian_unfolded_receipts: 0, tyrian_fold_lag_seconds: 0 });
  });

  it('counts attempts by outcome, and times calls, commits and pools', async () => {
    const answers = [
      '{"message_id":1}',
      '{"name":"Too Many Requests","message":"Rate limit exceeded.","code":0,"status":429}',
      'what is this?',
      '{"name":"Invalid Parameter: [text]","message":"","code":1,"status":400}',
    ];
    world.onSend = (request) => request.answer(200, answers.shift() ?? '{"message_id":2}');
    for (let n = 0; n < 4; n += 1) {
      await world.send();
      await world.steps.own();
      await world.steps.pump();
      await world.sent(n + 1);
      await world.steps.settled();
    }
    const metrics = await readMetrics(world.steps.gateway);
    const attempts = (outcome: string, code: string): number | undefined =>
      metrics.get(`tyrian_attempts_total{outcome="${outcome}",code="${code}"}`);
    expect(attempts('accepted', '')).toBeGreaterThanOrEqual(1);
    expect(attempts('not_sent', 'rate_limited')).toBe(1);
    expect(attempts('unknown', 'unknown_unreadable_answer')).toBe(1);
    expect(attempts('refused', 'invalid_parameter')).toBe(1);
    expect(metrics.get('tyrian_provider_seconds_count{call="send"}')).toBeGreaterThanOrEqual(4);
    for (const commit of ['accept', 'intend', 'settle'])
      expect(metrics.get(`tyrian_commit_seconds_count{commit="${commit}"}`)).toBeGreaterThan(0);
    expect(metrics.get('tyrian_commit_rows_sum{commit="accept"}')).toBeGreaterThanOrEqual(4);
    expect(metrics.get('tyrian_database_connections{pool="hot",state="idle"}')).toBeGreaterThan(0);
  });

  it('tells which connections the provider paused, and which workers fell silent', async () => {
    world.onSend = (request) =>
      request.answer(
        200,
        '{"name":"Payment Required","message":"Topup balance is required","code":3,"status":402}',
      );
    await world.send();
    await world.steps.own();
    await world.steps.pump();
    await eventually(
      async () => (await world.count('connection_states where paused_at is not null')) === 1,
    );
    await world.database.moveClock(600_000);
    await eventuallyMetrics({
      'tyrian_paused_connections{reason="balance_empty"}': 1,
      'tyrian_lanes{state="connection_paused",reason="balance_empty"}': 1,
      tyrian_workers: 0,
    });
    const metrics = await readMetrics(world.steps.gateway);
    expect(metrics.get('tyrian_oldest_heartbeat_seconds')).toBeGreaterThan(590);
    expect(await overview()).toMatchObject({
      paused_connections: [{ name: 'Test account', reason: 'balance_empty' }],
      workers: [{ alive: false }],
    });
  });

  it('tells that the installation is on hold, and of marks that nobody could read', async () => {
    await eventuallyMetrics({ tyrian_on_hold: 0, tyrian_unread_marks: 0 });
    expect(await overview()).toMatchObject({ hold: null });
    await world.database.query(
      'revoke execute on function pg_control_system() from public; update installation set system_identifier = null',
    );
    await call(world.steps.gateway, 'POST', '/admin/installation/hold', {
      token: adminToken,
      expect: 200,
    });
    await eventuallyMetrics({
      tyrian_on_hold: 1,
      tyrian_unread_marks: 1,
      'tyrian_lanes{state="on_hold",reason="restore_hold"}': 1,
    });
    expect(await overview()).toMatchObject({ hold: { because: 'operator' } });
  });

  it('tells how far partitions reach, and of rows beside them', async () => {
    await eventuallyMetrics({ tyrian_stray_rows: 0 });
    const before = (await readMetrics(world.steps.gateway)).get('tyrian_partition_horizon_seconds');
    expect(before).toBeGreaterThan(30 * 86_400);
    await world.moveClock(70 * 86_400_000);
    await world.send();
    await eventuallyMetrics({ tyrian_stray_rows: 1 });
    const after = (await readMetrics(world.steps.gateway)).get('tyrian_partition_horizon_seconds');
    expect(after).toBeLessThan(0);
    expect(await overview()).toMatchObject({ partitions: { stray_rows: 1 } });
  });

  it('tells of days that do not add up', async () => {
    await eventuallyMetrics({ tyrian_failed_proofs: 0, tyrian_proof_misses: 0 });
    expect(await overview()).toMatchObject({ proof: { last_checked_at: null, failed_days: 0 } });
    await pauseAccount();
    await world.send();
    await world.database.query('delete from outgoing');
    const runner = world.steps.gateway.get(ProofRunner);
    await runner.runOnce();
    await world.database.query('update reconciliations set next_check_at = app_clock()');
    await runner.runOnce();
    await eventuallyMetrics({ tyrian_failed_proofs: 1, tyrian_proof_misses: 1 });
    await world.database.moveClock(3_600_000);
    await eventually(async () => {
      const metrics = await readMetrics(world.steps.gateway);
      return (metrics.get('tyrian_last_proof_seconds') ?? 0) > 3_590;
    });
    const seen = await overview();
    expect(seen).toMatchObject({ proof: { failed_days: 1, misses: 1 } });
    expect(seen.proof.last_checked_at).not.toBeNull();
  });

  it('tells of callbacks whose message is gone, and how the provider differs from its contract', async () => {
    await eventuallyMetrics({ tyrian_orphaned_callbacks: 0 });
    expect(await overview()).toMatchObject({
      orphaned_callbacks: 0,
      drift: { sightings: 0, last_seen_at: null },
    });
    world.onSend = (request) => request.answer(200, '{"message_id":1,"price":"0.01"}');
    await world.send();
    await world.steps.own();
    await world.steps.pump();
    await world.sent(1);
    await world.steps.settled();
    await world.database.query('delete from awaiting; delete from messages');
    await tell(callbackUrl(world.sends[0]), 1);
    await world.fold();
    await world.steps.gateway.get(DriftCounter).runOnce();
    await eventuallyMetrics({
      tyrian_orphaned_callbacks: 1,
      'tyrian_drift_sightings{place="send_answer",kind="unknown_field"}': 1,
    });
    const metrics = await readMetrics(world.steps.gateway);
    const sightings = [...metrics]
      .filter(([name]) => name.startsWith('tyrian_drift_sightings'))
      .reduce((sum, [, times]) => sum + times, 0);
    expect(await overview()).toMatchObject({ orphaned_callbacks: 1, drift: { sightings } });
  });

  it('tells who waits for a connection to the database, how late the event loop is, and of each poll', async () => {
    const held: (() => void)[] = [];
    const database = world.steps.gateway.get(Database);
    const pool = async () =>
      (await readMetrics(world.steps.gateway)).get(
        'tyrian_database_connections{pool="hot",state="waited_for"}',
      );
    expect(await pool()).toBe(0);
    const transactions = Array.from({ length: 20 }, () =>
      database.transaction('hot', { role: 'worker' }, async (tx) => {
        await tx.query('select 1');
        await new Promise<void>((resolve) => held.push(resolve));
      }),
    );
    await eventually(async () => ((await pool()) ?? 0) > 0, { what: 'somebody who waits' });
    const drained = Promise.allSettled(transactions);
    const letting = setInterval(() => held.splice(0).forEach((letGo) => letGo()), 10);
    await drained;
    clearInterval(letting);
    expect(await pool()).toBe(0);

    // Reading it begins a new span.
    await readMetrics(world.steps.gateway);
    await pause(50);
    const busyUntilMs = performance.now() + 400;
    while (performance.now() < busyUntilMs);
    await pause(50);
    const metrics = await readMetrics(world.steps.gateway);
    expect(metrics.get('nodejs_eventloop_lag_max_seconds')).toBeGreaterThan(0.3);

    await world.send();
    await world.steps.own();
    await world.steps.pump();
    await world.sent(1);
    await world.steps.settled();
    await world.database.query('update awaiting set next_poll_at = app_clock()');
    await world.steps.refresh();
    world.onStatus = (request) =>
      request.answer(200, `{"message_id":${String(request.body['message_id'])},"status":0}`);
    await eventually(async () => {
      await world.steps.gateway.get(Poller).runOnce();
      return (await readMetrics(world.steps.gateway)).get('tyrian_polls_total{told="yes"}') === 1;
    });
  });

  it('needs an admin token; the metrics need none, and name no tenant', async () => {
    await call(world.steps.gateway, 'GET', '/admin/overview', { expect: 401 });
    await call(world.steps.gateway, 'GET', '/admin/overview', {
      token: world.tenant.apiKey,
      expect: 401,
    });
    await world.send({ recipient: '+380671112233' });
    const text = await (await fetch(`${world.steps.gateway.url}/metrics`)).text();
    expect(text).toContain('# HELP nodejs_eventloop_lag_seconds');
    expect(text).toContain(
      'tyrian_http_request_seconds_count{method="POST",route="/v1/messages",status="202"} 1',
    );
    for (const secret of [world.tenant.id, world.tenant.accountId, '380671112233'])
      expect(text).not.toContain(secret);
  });
});
