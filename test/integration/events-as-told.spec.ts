import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  EventReader,
  MessageEnder,
  ScheduledPromoter,
  type PublicEvent,
} from '../../apps/gateway/src/messages/index.js';
import { Database } from '../../apps/gateway/src/platform/database/index.js';
import { readId } from '../../apps/gateway/src/platform/ids/index.js';
import { OutboxRelay } from '../../apps/gateway/src/timeline/outbox-relay.js';
import { call, eventually } from '../support/gateway.js';
import type { ProviderRequest } from '../support/provider.js';
import { callbackUrl, tell, World } from '../support/world.js';

const [delivered, undelivered, pending] = [1, 4, 5];
const dayMs = 86_400_000;

let world: World;

beforeEach(async () => {
  world = await World.start();
});

afterEach(async () => {
  await world.close();
});

/** Every event in the feed, as a webhook's body. */
async function told(role: 'worker' | 'tenant' = 'worker'): Promise<PublicEvent[]> {
  await eventually(async () => {
    await world.steps.gateway.get(OutboxRelay).runOnce();
    return (await world.count('outbox')) === 0;
  });
  const rows = await world.database.query<{ tenant_id: string; position: string }>(
    'select tenant_id, position from feed order by position',
  );
  const tenantId = readId('ten', world.tenant.id) as string;
  const options = role === 'tenant' ? { role, tenantId } : { role };
  return world.steps.gateway.get(Database).transaction('reads', options, (tx) =>
    world.steps.gateway.get(EventReader).read(
      tx,
      rows.map((row) => ({ tenantId: row.tenant_id, position: Number(row.position) })),
    ),
  );
}

/** What the last event tells is what the API shows at that moment, and what was told before stays as it was. */
function follow(id: string) {
  const before: PublicEvent[] = [];
  return async function hears(type: string, from: string | null): Promise<void> {
    const events = await told();
    expect(events.slice(0, -1)).toEqual(before);
    const last = events.at(-1);
    before.push(last as PublicEvent);
    const message = await call(world.steps.gateway, 'GET', `/v1/messages/${id}`, {
      token: world.tenant.apiKey,
      expect: 200,
    });
    expect(last?.payload).toEqual({
      type: `message.${type}`,
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      data: { ...message, previous_status: from, sequence: before.length },
    });
  };
}

async function followed(message: Readonly<Record<string, unknown>> = {}): Promise<{
  id: string;
  hears: ReturnType<typeof follow>;
}> {
  const id = await world.send({
    client_reference: 'order-1',
    metadata: { b: '2', a: '1' },
    ...message,
  });
  return { id, hears: follow(id) };
}

async function dispatch(): Promise<void> {
  await world.steps.own();
  await world.steps.pump();
  await world.steps.settled();
}

async function callBack(status: number, messageId?: number): Promise<void> {
  await tell(callbackUrl(world.sends.at(-1)), status, messageId);
  await world.fold();
}

const cancel = (id: string) =>
  call(world.steps.gateway, 'POST', `/v1/messages/${id}/cancel`, {
    token: world.tenant.apiKey,
    expect: 200,
  });

describe('each change of a message is told once, as the API shows it then', () => {
  it('queued, sent, pending, delivered', async () => {
    const { hears } = await followed({ two_way: true });
    await hears('queued', null);
    await dispatch();
    await hears('sent', 'sending');
    await callBack(pending, 77);
    await hears('pending', 'sent');
    await callBack(delivered, 77);
    await hears('delivered', 'pending');
    expect(await told('tenant')).toEqual(await told('worker'));
  });

  it('undelivered, and corrected', async () => {
    const { hears } = await followed();
    await hears('queued', null);
    await dispatch();
    await hears('sent', 'sending');
    await callBack(undelivered, 77);
    await hears('undelivered', 'sent');
    await callBack(delivered);
    await hears('corrected', 'undelivered');
  });

  it('rejected at once', async () => {
    world.onSend = (request) =>
      request.answer(
        400,
        '{"name":"Invalid Parameter: [source_addr]","message":"","code":1,"status":400}',
      );
    const { hears } = await followed();
    await hears('queued', null);
    await dispatch();
    await hears('rejected', 'sending');
  });

  it('uncertain, final when nothing can tell any more, and corrected', async () => {
    world.onSend = (request) => request.reset();
    const { hears } = await followed();
    await hears('queued', null);
    await dispatch();
    await hears('uncertain', 'sending');
    await world.moveClock(5 * dayMs + 6.1 * 3_600_000);
    await world.steps.gateway.get(MessageEnder).closeWindows(10);
    await hears('uncertain', 'uncertain');
    await callBack(delivered);
    await hears('corrected', 'uncertain');
  });

  it('sent again after an unknown outcome', async () => {
    world.onSend = (request) => request.reset();
    const { hears } = await followed({ delivery_mode: 'at_least_once' });
    await hears('queued', null);
    await dispatch();
    await hears('uncertain', 'sending');
    await world.database.query('update awaiting set retry_at = app_clock()');
    await world.steps.returnFromGrace();
    await hears('queued', 'uncertain');
    world.onSend = (request: ProviderRequest) => request.accept(4_711);
    await world.steps.pump();
    await world.sent(2);
    await world.steps.settled();
    await hears('sent', 'sending');
    await callBack(delivered);
    await hears('delivered', 'sent');
  });

  it('not sent again, because it was cancelled in its grace', async () => {
    world.onSend = (request) => request.reset();
    const { id, hears } = await followed({ delivery_mode: 'at_least_once' });
    await hears('queued', null);
    await dispatch();
    await hears('uncertain', 'sending');
    await cancel(id);
    await hears('uncertain', 'uncertain');
  });

  it('unresolved', async () => {
    const { hears } = await followed();
    await hears('queued', null);
    await dispatch();
    await hears('sent', 'sending');
    await world.moveClock(5 * dayMs);
    await world.steps.gateway.get(MessageEnder).closeWindows(10);
    await hears('unresolved', 'sent');
  });

  it('queued when it is due, and expired', async () => {
    const { hears } = await followed({
      send_at: new Date(Date.now() + 3_600_000).toISOString(),
      validity_seconds: 60,
    });
    expect(await told()).toEqual([]);
    await world.moveClock(3_600_500);
    await world.steps.gateway.get(ScheduledPromoter).promote(10);
    await hears('queued', 'scheduled');
    await world.moveClock(3_661_000);
    await world.steps.gateway.get(MessageEnder).expireOverdue(10);
    await hears('expired', 'queued');
  });

  it('cancelled before it was due', async () => {
    const { id, hears } = await followed({
      send_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    await cancel(id);
    await hears('cancelled', 'scheduled');
  });

  it('cancelled in the queue', async () => {
    const { id, hears } = await followed();
    await hears('queued', null);
    await cancel(id);
    await hears('cancelled', 'queued');
  });
});

describe('other events', () => {
  it('tell of an account what holds it', async () => {
    const { accountId, apiKey } = world.tenant;
    const act = (what: string, body?: object) =>
      call(world.steps.gateway, 'POST', `/v1/accounts/${accountId}/${what}`, {
        token: apiKey,
        ...(body ? { body } : {}),
        expect: 200,
      });
    await act('pause', { reason: 'under review' });
    await act('resume');
    expect((await told()).map(({ payload }) => payload)).toEqual([
      {
        type: 'account.paused',
        timestamp: expect.any(String),
        data: {
          account_id: accountId,
          state: 'paused',
          by: 'tenant',
          reason: 'under review',
          since: expect.stringMatching(/\.\d{3}Z$/),
          sequence: 1,
        },
      },
      {
        type: 'account.resumed',
        timestamp: expect.any(String),
        data: {
          account_id: accountId,
          state: 'active',
          by: null,
          reason: null,
          since: null,
          sequence: 2,
        },
      },
    ]);
  });

  it('show an inbound message as the API does', async () => {
    await world.send({ two_way: true });
    await dispatch();
    const response = await fetch(callbackUrl(world.sends[0]), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        message_token: '5741311803571721087',
        phone_number: '380671234567',
        time: 1_772_355_900,
        message: { text: 'Yes', tracking_data: '' },
      }),
    });
    expect(response.status).toBe(200);
    const { data } = await call<{ data: object[] }>(
      world.steps.gateway,
      'GET',
      '/v1/inbound-messages',
      { token: world.tenant.apiKey, expect: 200 },
    );
    expect(data).toHaveLength(1);
    expect((await told()).at(-1)?.payload).toEqual({
      type: 'inbound.received',
      timestamp: expect.any(String),
      data: data[0],
    });
  });

  it('tell the status of a message that is not kept any more', async () => {
    const { id } = await followed();
    await told();
    await world.database.query('delete from messages');
    expect((await told()).map(({ payload }) => payload.data)).toEqual([
      {
        id,
        account_id: world.tenant.accountId,
        status: 'queued',
        is_final: false,
        previous_status: null,
        sequence: 1,
      },
    ]);
  });
});
