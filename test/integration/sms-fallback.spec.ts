import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Poller } from '../../apps/gateway/src/lanes/poller.js';
import { call, eventually } from '../support/gateway.js';
import { pause } from '../support/steps.js';
import { callbackUrl, World } from '../support/world.js';

interface Shown {
  readonly status: string;
  readonly is_final: boolean;
  readonly delivered_via: string | null;
  readonly sms_status: string | null;
  readonly evidence: string | null;
  readonly status_detail: { readonly code: string | null; readonly provider_status: string | null };
}

let world: World;

beforeEach(async () => {
  world = await World.start();
});

afterEach(() => world.close());

async function sendOne(message: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const id = await world.send(message);
  await world.steps.own();
  await world.steps.pump();
  await world.steps.settled();
  return id;
}

/** Calls back with the status of the message, and with that of its SMS where there is one. */
async function tell(status: number, sms?: number): Promise<void> {
  const response = await fetch(callbackUrl(world.sends[0]), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      message_id: 1_001,
      status,
      ...(sms === undefined ? {} : { sms_message_id: 77, sms_message_status: sms }),
    }),
  });
  expect(response.status).toBe(200);
}

function shown(id: string): Promise<Shown> {
  return call<Shown>(world.steps.gateway, 'GET', `/v1/messages/${id}`, {
    token: world.tenant.apiKey,
    expect: 200,
  });
}

const withSms = { fallback_sms_text: 'Your code is 4711' };

describe('a message with a fallback by SMS', () => {
  it('takes its text along to the provider', async () => {
    await sendOne(withSms);
    expect(world.sends[0]?.body).toMatchObject({ text_sms: 'Your code is 4711', source_type: 2 });
  });

  it('is not final when Viber alone has failed', async () => {
    const id = await sendOne(withSms);
    await tell(4);
    await world.fold();
    expect(await shown(id)).toMatchObject({
      status: 'pending',
      is_final: false,
      delivered_via: null,
      sms_status: 'pending',
      status_detail: { code: 'sms_under_way', provider_status: '4' },
    });
  });

  it.each([
    [2, 'delivered', 'sms', 'delivered'],
    [3, 'undelivered', null, 'expired'],
    [5, 'undelivered', null, 'undeliverable'],
  ])('comes to its end with its SMS: %d', async (sms, status, via, smsStatus) => {
    const id = await sendOne(withSms);
    await tell(4);
    await world.fold();
    await tell(4, sms);
    await world.fold();
    expect(await shown(id)).toMatchObject({
      status,
      is_final: true,
      delivered_via: via,
      sms_status: smsStatus,
      status_detail: { code: `sms_${smsStatus}`, provider_status: '4' },
    });
  });

  it('hears the end of its SMS also where both come before the fold', async () => {
    const id = await sendOne(withSms);
    await tell(4);
    await tell(4, 0);
    await tell(4, 5);
    await world.fold();
    expect(await shown(id)).toMatchObject({
      status: 'undelivered',
      is_final: true,
      sms_status: 'undeliverable',
    });
  });

  it('is final at once when Viber delivers', async () => {
    const id = await sendOne(withSms);
    await tell(1, 0);
    await world.fold();
    expect(await shown(id)).toMatchObject({
      status: 'delivered',
      is_final: true,
      delivered_via: 'viber',
      sms_status: null,
    });
  });

  it('is asked for until a poll tells the end of its SMS', async () => {
    let sms: object = {};
    world.onStatus = (request) =>
      request.answer(
        200,
        JSON.stringify({ message_id: request.body['message_id'], status: 4, ...sms }),
      );
    const id = await sendOne(withSms);
    const poll = async (hours: number): Promise<void> => {
      await world.moveClock(hours * 3_600_000);
      await world.steps.refresh();
      await pause(5);
      await world.steps.gateway.get(Poller).runOnce();
      await eventually(async () =>
        world.steps.lanes.all().every((lane) => lane.pollsUnderWay.size === 0),
      );
    };
    await poll(3);
    expect(await shown(id)).toMatchObject({ is_final: false, sms_status: 'pending' });
    sms = { sms_message_id: 77, sms_message_status: 2 };
    await poll(12);
    expect(await shown(id)).toMatchObject({
      status: 'delivered',
      delivered_via: 'sms',
      evidence: 'poll',
    });
  });

  it('and without one ends with Viber, as ever', async () => {
    const id = await sendOne();
    await tell(4);
    await world.fold();
    expect(await shown(id)).toMatchObject({
      status: 'undelivered',
      is_final: true,
      sms_status: null,
    });
  });

  it('is transactional', async () => {
    const problem = await call<{ code: string; errors: unknown }>(
      world.steps.gateway,
      'POST',
      '/v1/messages',
      {
        token: world.tenant.apiKey,
        body: { recipient: '+380671234567', text: 'Hi', category: 'promotional', ...withSms },
        expect: 422,
      },
    );
    expect(problem).toMatchObject({
      code: 'content_not_allowed',
      errors: [{ pointer: '/fallback_sms_text' }],
    });
  });
});
