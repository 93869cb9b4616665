import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { OutboundClient } from '../../apps/gateway/src/platform/outbound/index.js';
import { OutboxRelay } from '../../apps/gateway/src/timeline/outbox-relay.js';
import { DeliveryClaimer } from '../../apps/gateway/src/webhooks/delivery-claimer.js';
import { DeliveryKeeper } from '../../apps/gateway/src/webhooks/delivery-keeper.js';
import { WebhookDeliverer } from '../../apps/gateway/src/webhooks/webhook-deliverer.js';
import { closeGate, waitsForLock, type CommitGate } from '../support/commit-gate.js';
import { call, eventually } from '../support/gateway.js';
import { readMetrics } from '../support/metrics.js';
import type { Steps } from '../support/steps.js';
import { startReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';
import { World } from '../support/world.js';

interface Endpoint {
  readonly id: string;
  readonly status: string;
  readonly disabled_reason: string | null;
  readonly failing_since: string | null;
}

interface Delivery {
  readonly id: string;
  readonly status: string;
  readonly attempts: number;
  readonly next_attempt_at: string | null;
  readonly last_attempt: { readonly http_status: number | null; readonly error: string } | null;
}

let world: World;
let receiver: WebhookReceiver;
const receivers: WebhookReceiver[] = [];

beforeAll(async () => {
  world = await World.start();
}, 60_000);

beforeEach(async () => {
  receiver = await receive();
});

afterEach(async () => {
  await Promise.all(receivers.splice(0).map((one) => one.close()));
  await world.moveClock(0);
  await world.database.query('delete from webhook_endpoints');
  await world.database.query('delete from webhook_deliveries');
});

afterAll(async () => {
  await world?.close();
});

async function receive(): Promise<WebhookReceiver> {
  const started = await startReceiver();
  receivers.push(started);
  return started;
}

function api<Body>(method: string, path: string, body?: unknown, expected = 200): Promise<Body> {
  return call<Body>(world.steps.gateway, method, `/v1/webhook-endpoints${path}`, {
    token: world.tenant.apiKey,
    ...(body === undefined ? {} : { body }),
    expect: expected,
  });
}

/** An endpoint that hears of accepted messages. */
async function endpoint(
  to: Pick<WebhookReceiver, 'url'> = receiver,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const body = { url: to.url, events: ['message.queued'], ...settings };
  return (await api<{ id: string }>('POST', '', body, 201)).id;
}

async function accept(count = 1): Promise<string[]> {
  const ids = await acceptUnrelayed(count);
  await relay();
  return ids;
}

async function acceptUnrelayed(count = 1): Promise<string[]> {
  const messages = Array.from({ length: count }, () => ({
    account_id: world.tenant.accountId,
    recipient: '+380671234567',
    text: 'Hello',
  }));
  const { results } = await call<{ results: { id: string }[] }>(
    world.steps.gateway,
    'POST',
    '/v1/messages/batch',
    { token: world.tenant.apiKey, body: { messages }, expect: 202 },
  );
  return results.map(({ id }) => id);
}

/** All lines awake, with nothing to do: a deliverer is about to look at them. */
async function wakeLines(): Promise<void> {
  await world.database.query('update webhook_lines set next_at = app_clock()');
}

/** Does the work with a gate in front of the COMMIT of whoever writes so. */
async function behindGate(event: string, work: (gate: CommitGate) => Promise<void>): Promise<void> {
  const gate = await closeGate(world.database, event);
  try {
    await work(gate);
  } finally {
    await gate.open();
    await world.database.query(`drop trigger gate on ${event.split(' on ').at(-1)}`);
    await world.database.query('drop function wait_at_gate');
  }
}

async function relay(steps: Steps = world.steps): Promise<void> {
  const outbox = steps.gateway.get(OutboxRelay);
  // A tenant's first turn makes its place in the feed.
  while ((await outbox.runOnce()) || (await world.count('outbox')) > 0);
}

/** Begins what is due, and waits for its end. */
async function deliver(steps: Steps = world.steps): Promise<void> {
  const deliverer = steps.gateway.get(WebhookDeliverer);
  await deliverer.runOnce();
  await deliverer.idle();
}

/** As the loop does it: until nothing is due. */
async function deliverAll(): Promise<void> {
  const deliverer = world.steps.gateway.get(WebhookDeliverer);
  while (await deliverer.runOnce()) await deliverer.idle();
}

async function deliveries(id: string, query = ''): Promise<Delivery[]> {
  return (await api<{ data: Delivery[] }>('GET', `/${id}/deliveries${query}`)).data;
}

async function onlyDelivery(id: string): Promise<Delivery> {
  const [delivery] = await deliveries(id);
  if (delivery === undefined) throw new Error('there is no delivery');
  return delivery;
}

const minute = 60_000;

describe('a delivery', () => {
  it('is one row for each endpoint that wants the event, made with its place in the feed', async () => {
    const wanting = [await endpoint(), await endpoint(receiver, { events: null })];
    const [messageId] = await accept();
    expect((await deliveries(wanting[0]!)).map(({ status }) => status)).toEqual(['pending']);
    // By default the beginnings are left out.
    expect(await deliveries(wanting[1]!)).toEqual([]);
    await deliver();
    expect(receiver.received).toHaveLength(1);
    expect(receiver.received[0]).toMatchObject({
      id: (await onlyDelivery(wanting[0]!)).id,
      body: { type: 'message.queued', data: { id: messageId, status: 'queued', text: 'Hello' } },
    });
    expect(await onlyDelivery(wanting[0]!)).toMatchObject({ status: 'delivered', attempts: 1 });
    await deliver();
    expect(receiver.received).toHaveLength(1);
  });

  it('is counted by how its attempts ended, with the time that they took', async () => {
    const before = await readMetrics(world.steps.gateway);
    await endpoint();
    await accept();
    receiver.answer = () => ({ status: 500 });
    await deliver();
    await world.moveClock(minute);
    receiver.answer = () => ({ status: 200 });
    await deliver();
    const after = await readMetrics(world.steps.gateway);
    const rise = (sample: string): number => (after.get(sample) ?? 0) - (before.get(sample) ?? 0);
    expect(rise('tyrian_webhook_attempts_total{result="http_status"}')).toBe(1);
    expect(rise('tyrian_webhook_attempts_total{result="delivered"}')).toBe(1);
    expect(rise('tyrian_webhook_attempt_seconds_count')).toBe(2);
  });

  it('is made of the accounts that the endpoint names alone', async () => {
    const { accountId } = world.tenant;
    const other = await call<{ id: string }>(world.steps.gateway, 'POST', '/v1/accounts', {
      token: world.tenant.apiKey,
      body: { name: 'Other', provider_key: 'other' },
      expect: 201,
    });
    const [own, foreign] = [
      await endpoint(receiver, { account_ids: [accountId] }),
      await endpoint(receiver, { account_ids: [other.id] }),
    ];
    await accept();
    expect([(await deliveries(own)).length, (await deliveries(foreign)).length]).toEqual([1, 0]);
  });

  it('is tried at once, after 5 s, 5 min, 30 min, 2, 5, 10, 14, 20 and 24 h, and has failed then', async () => {
    receiver.answer = () => ({ status: 500, body: 'no' });
    const id = await endpoint();
    await accept();
    const waits: { leastMs: number; mostMs: number }[] = [];
    let movedMs = 0;
    for (let attempt = 1; attempt <= 10; attempt++) {
      const beganMs = Date.now() + movedMs;
      await deliver();
      const endedMs = Date.now() + movedMs;
      expect(receiver.received).toHaveLength(attempt);
      const { status, next_attempt_at: next } = await onlyDelivery(id);
      expect(status).toBe(attempt === 10 ? 'failed' : 'pending');
      if (next === null) break;
      const dueMs = Date.parse(next);
      const waitMs = dueMs - endedMs;
      waits.push({ leastMs: waitMs, mostMs: dueMs - beganMs });
      // Not earlier than it is due, with the time that this takes.
      const earlierMs = Math.min(waitMs / 2, 30_000);
      await world.moveClock((movedMs += waitMs - earlierMs));
      await deliver();
      expect(receiver.received).toHaveLength(attempt);
      await world.moveClock((movedMs += earlierMs + 1_000));
    }
    const schedule = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    expect(waits).toHaveLength(schedule.length);
    schedule.forEach((seconds, index) => {
      expect(waits[index]?.mostMs).toBeGreaterThan(seconds * 890);
      expect(waits[index]?.leastMs).toBeLessThan(seconds * 1_110);
    });
    expect(new Set(receiver.received.map((webhook) => webhook.id)).size).toBe(1);
    expect(await onlyDelivery(id)).toMatchObject({
      attempts: 10,
      last_attempt: { http_status: 500, error: 'http_status' },
    });
    expect(await deliveries(id, '?status=failed')).toHaveLength(1);
    expect(await deliveries(id, '?status=pending')).toEqual([]);
  });

  it('stands in the timeline of its message: each attempt, and the beginning of the answer', async () => {
    receiver.answer = () => ({ status: 500, body: `no\0${'a'.repeat(5_000)}` });
    const id = await endpoint();
    const [messageId] = await accept();
    await deliver();
    receiver.answer = () => ({ status: 200, body: 'thanks' });
    await world.moveClock(10_000);
    await deliver();
    const timeline = await call<{
      data: { type: string; detail: Record<string, unknown> }[];
    }>(world.steps.gateway, 'GET', `/v1/messages/${messageId}/timeline`, {
      token: world.tenant.apiKey,
    });
    const shown = timeline.data.filter(({ type }) => type === 'webhook');
    const same = {
      endpoint_id: id,
      webhook_id: (await onlyDelivery(id)).id,
      event: 'message.queued',
    };
    expect(shown.map(({ detail }) => detail)).toMatchObject([
      { ...same, attempt: 1, delivery: 'pending', http_status: 500, error: 'http_status' },
      { ...same, attempt: 2, delivery: 'delivered', http_status: 200, answer: 'thanks' },
    ]);
    expect(String(shown[0]?.detail['answer'])).toHaveLength(1_024);
    expect(typeof shown[0]?.detail['duration_ms']).toBe('number');
  });

  it('follows no redirect, and the redirect is a failure', async () => {
    const elsewhere = await receive();
    receiver.answer = () => ({ status: 302, headers: { location: elsewhere.url } });
    const id = await endpoint();
    await accept();
    await deliver();
    expect(await onlyDelivery(id)).toMatchObject({
      status: 'pending',
      last_attempt: { http_status: 302, error: 'redirect' },
    });
    expect(elsewhere.received).toEqual([]);
  });

  it('that a process claimed and took to its grave is made by another one, when the lease ends', async () => {
    const id = await endpoint();
    await accept();
    await world.steps.gateway.get(DeliveryClaimer).claim(() => 10, 30_000);
    await deliver();
    expect(receiver.received).toEqual([]);
    await world.moveClock(31_000);
    await deliver();
    expect(receiver.received).toHaveLength(1);
    // The attempt that died counts: a payload that kills its reader must come to an end.
    expect(await onlyDelivery(id)).toMatchObject({ status: 'delivered', attempts: 2 });
  });

  it('that is cut off by the end of its process is made by another one, and is no failure', async () => {
    receiver.answer = () => null;
    const id = await endpoint();
    const leaving = await world.worker();
    await accept();
    await leaving.gateway.get(WebhookDeliverer).runOnce();
    await eventually(async () => receiver.received.length === 1);
    const startedMs = performance.now();
    await leaving.gateway.get(WebhookDeliverer).close();
    expect(performance.now() - startedMs).toBeLessThan(12_000);
    await leaving.gateway.get(OutboundClient).onApplicationShutdown();
    receiver.answer = () => ({ status: 200 });
    await world.moveClock(31_000);
    await deliver();
    expect(receiver.received).toHaveLength(2);
    expect(await onlyDelivery(id)).toMatchObject({ status: 'delivered' });
    expect(
      await world.count(`events where type = 'webhook' and detail ->> 'error' = 'reset'`),
    ).toBe(0);
  });

  it('is made by one of two workers', async () => {
    const other = await world.worker();
    const id = await endpoint();
    await accept(200);
    for (let round = 0; round < 60; round++) {
      await Promise.all([deliver(), deliver(other)]);
      if ((await deliveries(id, '?status=pending')).length === 0) break;
    }
    expect(receiver.received).toHaveLength(200);
    expect(new Set(receiver.received.map((webhook) => webhook.id)).size).toBe(200);
  });

  it('is not forgotten where it is planned while a deliverer puts the line to sleep', async () => {
    const id = await endpoint();
    await wakeLines();
    await behindGate('insert on webhook_deliveries', async (gate) => {
      await acceptUnrelayed();
      const relayed = relay();
      await gate.reached();
      await deliver();
      await gate.open();
      await relayed;
    });
    await deliver();
    expect(await onlyDelivery(id)).toMatchObject({ status: 'delivered' });
  });

  it('is not forgotten where it is planned while the line falls asleep', async () => {
    const id = await endpoint();
    await wakeLines();
    await behindGate('update on webhook_lines', async (gate) => {
      const looked = deliver();
      await gate.reached();
      await acceptUnrelayed();
      const relayed = relay();
      await waitsForLock(world.database, 'transactionid');
      await gate.open();
      await Promise.all([looked, relayed]);
    });
    await deliver();
    expect(await onlyDelivery(id)).toMatchObject({ status: 'delivered' });
  });

  it('is found by the keeper should its line ever sleep over it', async () => {
    const id = await endpoint();
    await accept();
    await world.database.query('update webhook_lines set next_at = null');
    await world.moveClock(minute);
    await deliver();
    expect(receiver.received).toEqual([]);
    await world.steps.gateway.get(DeliveryKeeper).runOnce();
    await deliver();
    expect(await onlyDelivery(id)).toMatchObject({ status: 'delivered' });
  });

  it('DISPATCH 22: does not leave while the installation is on hold, planned or not', async () => {
    const id = await endpoint();
    await accept();
    await world.database.query(
      `update installation set held_at = app_clock(), held_because = 'operator'`,
    );
    try {
      await deliver();
      expect(receiver.received).toEqual([]);
      await api('POST', `/${id}/test`, undefined, 409);
      expect(receiver.received).toEqual([]);
    } finally {
      await world.database.query('update installation set held_at = null, held_because = null');
    }
    await deliver();
    expect(receiver.received).toHaveLength(1);
  });

  it('is kept for a week once it is over', async () => {
    const id = await endpoint();
    await accept();
    await deliver();
    await accept();
    await world.database.query(
      `update webhook_deliveries set created_at = created_at - interval '8 days'`,
    );
    await world.steps.gateway.get(DeliveryKeeper).runOnce();
    expect((await deliveries(id)).map(({ status }) => status)).toEqual(['pending']);
  });
});

describe('an endpoint', () => {
  it('that fails is asked by one delivery at a time, whatever waits, and is given more when it is back', async () => {
    receiver.answer = () => ({ status: 500 });
    const id = await endpoint();
    await accept(100);
    await deliverAll();
    const asked = receiver.received.length;
    // The threshold, and not a hundred.
    expect(asked).toBe(5);
    expect(await api<Endpoint>('GET', `/${id}`)).toMatchObject({
      status: 'enabled',
      failing_since: expect.any(String),
    });
    await world.moveClock(6_000);
    await deliverAll();
    expect(receiver.received).toHaveLength(asked + 1);
    receiver.answer = () => ({ status: 200 });
    await world.moveClock(60_000);
    await deliverAll();
    // Those that were tried wait for their own time.
    await world.moveClock(10 * minute);
    await deliverAll();
    expect(await deliveries(id, '?status=pending')).toEqual([]);
    expect(await api<Endpoint>('GET', `/${id}`)).toMatchObject({ failing_since: null });
  });

  it.each([
    [{ status: 429 }, 30_000],
    [{ status: 502 }, 30_000],
    [{ status: 504 }, 30_000],
    [{ status: 503, headers: { 'retry-after': '120' } }, 120_000],
  ])('that answers %j is left alone for %s ms', async (answer, pauseMs) => {
    receiver.answer = () => answer;
    await endpoint();
    await accept(3);
    await deliverAll();
    expect(receiver.received).toHaveLength(1);
    await world.moveClock(pauseMs / 2);
    await deliverAll();
    expect(receiver.received).toHaveLength(1);
    receiver.answer = () => ({ status: 200 });
    await world.moveClock(pauseMs + 2_000);
    await deliverAll();
    expect(receiver.received.length).toBeGreaterThanOrEqual(3);
  });

  it('that is gone is disabled at once, and the tenant is told through another one', async () => {
    const observer = await receive();
    await endpoint(observer, { events: ['endpoint.disabled'] });
    receiver.answer = () => ({ status: 410 });
    const id = await endpoint();
    await accept(2);
    await deliverAll();
    expect(await api<Endpoint>('GET', `/${id}`)).toMatchObject({
      status: 'disabled',
      disabled_reason: 'gone',
    });
    await relay();
    await deliverAll();
    expect(observer.received.map(({ body }) => body)).toMatchObject([
      { type: 'endpoint.disabled', data: { endpoint_id: id, reason: 'gone', url: receiver.url } },
    ]);
    const asked = receiver.received.length;
    await world.moveClock(60 * minute);
    await accept();
    await deliverAll();
    expect(receiver.received).toHaveLength(asked);
    // What waited goes on when it is enabled; what happened meanwhile is not kept for it.
    receiver.answer = () => ({ status: 200 });
    await api('PATCH', `/${id}`, { status: 'enabled' });
    await deliverAll();
    expect((await deliveries(id)).map(({ status }) => status)).toEqual(['delivered', 'delivered']);
  });

  it('that has taken nothing for five days is disabled, and not a day earlier', async () => {
    receiver.answer = () => ({ status: 500 });
    const id = await endpoint();
    for (const [days, status] of [
      [4, 'enabled'],
      [5, 'disabled'],
    ] as const) {
      await world.database.query(
        `update webhook_lines set failing_since = app_clock() - make_interval(days => $1), not_before = null, next_at = app_clock()`,
        [days],
      );
      await accept();
      await deliver();
      expect(await api<Endpoint>('GET', `/${id}`)).toMatchObject({
        status,
        disabled_reason: status === 'enabled' ? null : 'failing',
      });
    }
  });

  it('that never answers costs another one nothing, and holds few sockets', async () => {
    const slow = await receive();
    slow.answer = () => null;
    const dead: string[] = [];
    for (let n = 0; n < 10; n++) dead.push(await endpoint(slow));
    const good = await endpoint();
    await accept(100);
    const deliverer = world.steps.gateway.get(WebhookDeliverer);
    const startedMs = performance.now();
    let turns = 0;
    // Before the dead ones have used up their time.
    while (receiver.received.length < 100 && performance.now() - startedMs < 14_000) {
      turns += 1;
      if (!(await deliverer.runOnce())) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(receiver.received).toHaveLength(100);
    expect(turns).toBeGreaterThan(0);
    await eventually(async () => (await deliveries(good, '?status=pending')).length === 0);
    // One each, until they have shown what they are.
    expect(slow.received).toHaveLength(10);
    await slow.close();
    await deliverer.idle();
  });

  it('that turns bad is left alone by what was claimed for it ahead, which uses up no attempt', async () => {
    const id = await endpoint();
    await accept(100);
    await deliverAll();
    const taken = receiver.received.length;
    expect(taken).toBe(100);
    receiver.answer = () => ({ status: 500 });
    await accept(200);
    await deliver();
    const asked = receiver.received.length - taken;
    expect(asked).toBeLessThanOrEqual(32);
    const waiting = await deliveries(id, '?status=pending&limit=500');
    expect(waiting).toHaveLength(200);
    expect(waiting.filter(({ attempts }) => attempts === 0)).toHaveLength(200 - asked);
    // All of it is there when the endpoint is back.
    receiver.answer = () => ({ status: 200 });
    for (let turn = 1; turn <= 3; turn++) {
      await world.moveClock(turn * 10 * minute);
      await deliverAll();
    }
    expect(await deliveries(id, '?status=pending')).toEqual([]);
  });

  it('takes many at once when it is quick', async () => {
    receiver.answer = () => ({ status: 200, afterMs: 30 });
    await endpoint();
    await accept(300);
    const deliverer = world.steps.gateway.get(WebhookDeliverer);
    while (receiver.received.length < 300) {
      await deliverer.runOnce();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await deliverer.idle();
    expect(receiver.mostAtOnce).toBeGreaterThan(4);
    expect(receiver.mostAtOnce).toBeLessThanOrEqual(32);
  });
});

describe('what waits for a dead endpoint', () => {
  it('slows nothing down, be it hundreds of thousands: an endpoint is one row to look at', async () => {
    const dead = await endpoint(await receive());
    const good = await endpoint();
    await world.database.query(
      `insert into webhook_deliveries (tenant_id, endpoint_id, event_id, position, type, due_at)
       select w.tenant_id, w.id, gen_random_uuid(), n, 'message.queued', app_clock() - interval '1 hour'
       from webhook_endpoints w cross join generate_series(1, 200000) as n
       where w.id <> (select id from webhook_endpoints order by created_at desc limit 1)`,
    );
    await world.database.query('analyze webhook_deliveries');
    await world.database.query(
      `update webhook_lines l set next_at = app_clock(), failures = 7, not_before = app_clock() + interval '5 minutes'
       where (tenant_id, endpoint_id) <> (select tenant_id, id from webhook_endpoints order by created_at desc limit 1)`,
    );
    expect(await deliveries(dead, '?limit=1&status=pending')).toHaveLength(1);
    await accept();
    const startedMs = performance.now();
    await deliver();
    expect(performance.now() - startedMs).toBeLessThan(10_000);
    expect(await onlyDelivery(good)).toMatchObject({ status: 'delivered' });
    const plan = await world.database.query<{ 'QUERY PLAN': string }>(
      `explain select d.event_id from webhook_lines l cross join lateral (
         select d.event_id from webhook_deliveries d
         where d.tenant_id = l.tenant_id and d.endpoint_id = l.endpoint_id and d.due_at <= app_clock()
         order by d.due_at limit 32 for update skip locked) d`,
    );
    const text = plan.map((row) => row['QUERY PLAN']).join('\n');
    expect(text).toContain('webhook_deliveries_line_idx');
    expect(text).not.toMatch(/Seq Scan on webhook_deliveries|Sort/);
  }, 60_000);
});

describe('a tenant', () => {
  it('has a delivery made once more, under the same id and with all attempts', async () => {
    const id = await endpoint();
    await accept();
    await deliver();
    const { id: webhookId } = await onlyDelivery(id);
    const again = await api<Delivery>(
      'POST',
      `/${id}/deliveries/${webhookId}/retry`,
      undefined,
      202,
    );
    expect(again).toMatchObject({ id: webhookId, status: 'pending', attempts: 0 });
    await deliver();
    expect(receiver.received.map((webhook) => webhook.id)).toEqual([webhookId, webhookId]);
    expect(receiver.received[0]?.text).toBe(receiver.received[1]?.text);
    await api('POST', `/${id}/deliveries/evt_01jf8z5v3we2r9n6k4q7t0xyzb/retry`, undefined, 404);
  });

  it('has a time replayed, what arrived and what was never planned, each under its own id', async () => {
    const since = new Date(Date.now() - 1_000).toISOString();
    const before = await accept(3);
    const id = await endpoint();
    await accept(2);
    await deliverAll();
    expect(receiver.received).toHaveLength(2);
    const until = new Date(Date.now() + 60_000).toISOString();
    const replayed = await api('POST', `/${id}/replay`, { since, until }, 202);
    // Of other tests as well, should they have been as quick.
    expect((replayed as { events: number }).events).toBeGreaterThanOrEqual(5);
    await deliverAll();
    const times = new Map<string, number>();
    for (const webhook of receiver.received)
      times.set(webhook.id, (times.get(webhook.id) ?? 0) + 1);
    const told = new Set(receiver.received.map(({ body }) => body.data['id']));
    expect([...times.values()].filter((count) => count === 2)).toHaveLength(2);
    expect(before.every((message) => told.has(message))).toBe(true);
    const none = await api(
      'POST',
      `/${id}/replay`,
      { since, until, types: ['account.paused'] },
      202,
    );
    expect(none).toEqual({ events: 0 });
    await api('POST', `/${id}/replay`, { since: until, until: since }, 400);
    await api('POST', `/${id}/replay`, { since: '2020-01-01T00:00:00Z', until }, 422);
  });

  it('tries an endpoint out', async () => {
    const { id, secret } = await api<{ id: string; secret: string }>(
      'POST',
      '',
      { url: receiver.url },
      201,
    );
    expect(await api('POST', `/${id}/test`)).toMatchObject({
      delivered: true,
      attempt: { http_status: 200, error: null, answer: 'ok' },
    });
    expect(receiver.received[0]?.body).toMatchObject({
      type: 'webhook.test',
      data: { endpoint_id: id },
    });
    expect(secret).toMatch(/^whsec_/);
    await receiver.close();
    expect(await api('POST', `/${id}/test`)).toMatchObject({
      delivered: false,
      attempt: { http_status: null, error: 'connect' },
    });
  });

  it('sees with a key that is restricted to accounts the endpoints of those alone', async () => {
    const wide = await endpoint();
    const narrow = await endpoint(receiver, { account_ids: [world.tenant.accountId] });
    const { api_key: token } = await call<{ api_key: string }>(
      world.steps.gateway,
      'POST',
      '/v1/api-keys',
      {
        token: world.tenant.apiKey,
        body: { name: 'Narrow', scopes: ['*'], account_ids: [world.tenant.accountId] },
        expect: 201,
      },
    );
    const as = (method: string, path: string, expected: number, body?: unknown) =>
      call<{ data?: Endpoint[]; account_ids?: string[] }>(
        world.steps.gateway,
        method,
        `/v1/webhook-endpoints${path}`,
        { token, expect: expected, ...(body === undefined ? {} : { body }) },
      );
    expect((await as('GET', '', 200)).data?.map(({ id }) => id)).toEqual([narrow]);
    await as('GET', `/${wide}`, 404);
    await as('PATCH', `/${wide}`, 404, { description: 'Mine' });
    await as('DELETE', `/${wide}`, 404);
    await as('POST', `/${wide}/rotate-secret`, 404);
    await as('GET', `/${wide}/deliveries`, 404);
    await as('PATCH', `/${narrow}`, 403, { account_ids: null });
    // What it leaves out is what it has.
    const made = await as('POST', '', 201, { url: receiver.url });
    expect(made.account_ids).toEqual([world.tenant.accountId]);
  });
});
