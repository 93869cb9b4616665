import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MessageEnder } from '../../apps/gateway/src/messages/index.js';
import { adminToken } from '../support/configuration.js';
import { call } from '../support/gateway.js';
import { World } from '../support/world.js';

let world: World;

beforeEach(async () => {
  world = await World.start();
}, 60_000);

afterEach(() => world?.close());

interface TimelineEvent {
  readonly type: string;
  readonly status: string | null;
  readonly detail: {
    reason?: string;
    since?: string;
    ms?: number;
    by?: string;
    waited?: { reason: string; ms: number }[];
  } | null;
}

async function timelineOf(id: string): Promise<TimelineEvent[]> {
  const { data } = await call<{ data: TimelineEvent[] }>(
    world.steps.gateway,
    'GET',
    `/v1/messages/${id}/timeline`,
    { token: world.tenant.apiKey, expect: 200 },
  );
  return data;
}

function post(path: string, token = world.tenant.apiKey) {
  return call<{ status: string }>(world.steps.gateway, 'POST', path, { token, expect: 200 });
}

const pauseAccount = () => post(`/v1/accounts/${world.tenant.accountId}/pause`);

describe('what a message waits for', () => {
  it('ends the timeline of one that is held on a paused account, and goes when it goes out', async () => {
    await pauseAccount();
    const id = await world.send();
    const held = await timelineOf(id);
    expect(held.map(({ type }) => type)).toEqual(['accepted', 'queued', 'waiting']);
    expect(held.at(-1)).toMatchObject({ status: 'queued', detail: { reason: 'account_paused' } });
    expect(held.at(-1)?.detail?.ms).toBeGreaterThanOrEqual(0);
    await post(`/v1/accounts/${world.tenant.accountId}/resume`);
    await world.steps.own();
    await world.steps.pump();
    await world.sent(1);
    await world.steps.settled();
    expect((await timelineOf(id)).map(({ type }) => type)).toEqual([
      'accepted',
      'queued',
      'attempt',
    ]);
  });

  it.each([
    ['no_worker', () => Promise.resolve()],
    ['tenant_suspended', () => post(`/admin/tenants/${world.tenant.id}/suspend`, adminToken)],
    [
      'balance_empty',
      () =>
        world.database.query(
          `update connection_states set paused_at = app_clock(), pause_reason = 'balance_empty'`,
        ),
    ],
    [
      'breaker_open',
      () =>
        world.database.query(
          `update lanes set owner = gen_random_uuid(), report = jsonb_build_object('state', 'waiting',
             'reason', 'breaker_open', 'since', (app_clock() - interval '9 seconds')::text, 'rate_per_second', 5)`,
        ),
    ],
  ])('is named: %s', async (reason, arrange) => {
    const id = await world.send();
    await arrange();
    const last = (await timelineOf(id)).at(-1);
    expect(last).toMatchObject({ type: 'waiting', detail: { reason } });
    // Not before it was there to wait.
    expect(last?.detail?.ms).toBeLessThan(5_000);
    const account = await call<{ estimated_drain_seconds: number | null }>(
      world.steps.gateway,
      'GET',
      `/v1/accounts/${world.tenant.accountId}`,
      { token: world.tenant.apiKey },
    );
    expect(account.estimated_drain_seconds).toBeNull();
  });

  it('is told of one that expired, and of one that was cancelled', async () => {
    await pauseAccount();
    const cancelled = await world.send();
    const expired = await world.send({ validity_seconds: 40 });
    await post(`/v1/messages/${cancelled}/cancel`);
    expect((await timelineOf(cancelled)).at(-1)).toMatchObject({
      type: 'cancelled',
      detail: { by: expect.stringMatching(/^key_/), waited: [{ reason: 'account_paused' }] },
    });
    await world.moveClock(60_000);
    await world.steps.gateway.get(MessageEnder).expireOverdue(100);
    const last = (await timelineOf(expired)).at(-1);
    expect(last).toMatchObject({
      type: 'expired',
      detail: { waited: [{ reason: 'account_paused' }] },
    });
    expect(last?.detail?.waited?.[0]?.ms).toBeGreaterThan(50_000);
  });
});
