import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CallbackCaller } from '../../apps/gateway/src/dropin/callback-caller.js';
import { OutboxRelay } from '../../apps/gateway/src/timeline/outbox-relay.js';
import { eventually } from '../support/gateway.js';
import { startCallbackReceiver, type CallbackReceiver } from '../support/callback-receiver.js';
import { readMetrics } from '../support/metrics.js';
import { callbackUrl, tell, World } from '../support/world.js';

let world: World;
let receiver: CallbackReceiver;

beforeEach(async () => {
  world = await World.start();
  receiver = await startCallbackReceiver();
});

afterEach(async () => {
  await world.close();
  await receiver.close();
});

/** By the door, with an address to be called back at; gives its number. */
async function sendByDoor(parameters: Readonly<Record<string, unknown>> = {}): Promise<number> {
  const response = await fetch(`${world.steps.gateway.url}/v1/api/send-viber`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(world.tenant.apiKey).toString('base64')}` },
    body: JSON.stringify({
      destination_addr: '380671234567',
      text: 'Hello',
      callback_url: `${receiver.url}/viber?shop=7`,
      ...parameters,
    }),
  });
  const { message_id } = (await response.json()) as { message_id: number };
  return message_id;
}

async function sent(): Promise<void> {
  await world.steps.own();
  await world.steps.pump();
  await world.steps.settled();
}

/** Hands on what has been told here; a tenant's first events wait for its feed to be there. */
async function handOn(): Promise<void> {
  await eventually(async () => {
    await world.steps.gateway.get(OutboxRelay).runOnce();
    return (await world.count('outbox')) === 0;
  });
}

/** Hands on, and calls back all that is due. */
async function relay(): Promise<void> {
  const { gateway } = world.steps;
  await handOn();
  const caller = gateway.get(CallbackCaller);
  // Of a message one after another.
  for (let round = 0; round < 5; round++) {
    await caller.runOnce();
    await caller.settled();
  }
}

const bodies = (): unknown[] => receiver.told.map(({ body }) => JSON.parse(body) as unknown);

describe('the callback_url of a client of the door', () => {
  it('is told each status in the provider’s shape, with our number, in their order', async () => {
    const number = await sendByDoor();
    await sent();
    await relay();
    for (const status of [5, 1]) {
      await tell(callbackUrl(world.sends[0]), status, 1_001);
      await world.fold();
    }
    await relay();
    expect(bodies()).toEqual([
      { message_id: number, status: 0 },
      { message_id: number, status: 5 },
      { message_id: number, status: 1 },
    ]);
    expect(new Set(receiver.told.map(({ path }) => path))).toEqual(new Set(['/viber?shop=7']));
    expect(await world.count('dropin_callbacks')).toBe(0);
  });

  it('is told again until it answers with 2xx, and counted so', async () => {
    const number = await sendByDoor();
    await sent();
    receiver.answerWith = 500;
    await relay();
    expect(receiver.told).toHaveLength(1);
    receiver.answerWith = 204;
    await relay();
    expect(receiver.told).toHaveLength(1);
    await world.moveClock(6_000);
    await relay();
    expect(bodies()).toEqual([
      { message_id: number, status: 0 },
      { message_id: number, status: 0 },
    ]);
    expect(await world.count('dropin_callbacks')).toBe(0);
    const metrics = await readMetrics(world.steps.gateway);
    expect(metrics.get('tyrian_dropin_callbacks_total{end="failed"}')).toBe(1);
    expect(metrics.get('tyrian_dropin_callbacks_total{end="heard"}')).toBe(1);
  });

  it('hears the statuses of a message in their order, also where the first was not heard', async () => {
    const number = await sendByDoor();
    await sent();
    await tell(callbackUrl(world.sends[0]), 1, 1_001);
    await world.fold();
    receiver.answerWith = 503;
    await relay();
    expect(bodies()).toEqual([{ message_id: number, status: 0 }]);
    receiver.answerWith = 200;
    await world.moveClock(6_000);
    await relay();
    expect(bodies().slice(1)).toEqual([
      { message_id: number, status: 0 },
      { message_id: number, status: 1 },
    ]);
  });

  it('is told again where the caller died with its answer', async () => {
    await sendByDoor();
    await sent();
    await handOn();
    // Claimed, and no more.
    await world.database.query(
      `update dropin_callbacks set attempts = 1, next_at = app_clock() + interval '30 seconds'`,
    );
    await relay();
    expect(receiver.told).toHaveLength(0);
    await world.moveClock(31_000);
    await relay();
    expect(receiver.told).toHaveLength(1);
  });

  it('is given up after about four days', async () => {
    await sendByDoor();
    await sent();
    receiver.answerWith = 404;
    await relay();
    for (let day = 1; day <= 10; day++) {
      await world.moveClock(day * 2 * 86_400_000);
      await relay();
    }
    expect(receiver.told).toHaveLength(10);
    expect(await world.count('dropin_callbacks')).toBe(0);
  });

  it('hears of an SMS with the keys for it', async () => {
    const number = await sendByDoor({ source_type: 2, text_sms: 'Your code is 4711' });
    await sent();
    await fetch(callbackUrl(world.sends[0]), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"message_id":1001,"status":4,"sms_message_id":77,"sms_message_status":2}',
    });
    await world.fold();
    await relay();
    expect(bodies().at(-1)).toEqual({
      message_id: number,
      status: 4,
      sms_message_id: number,
      sms_message_status: 2,
    });
  });

  it('hears of a reply, every digit of its token kept', async () => {
    const number = await sendByDoor({ message_type: 206 });
    await sent();
    await relay();
    receiver.told.length = 0;
    const response = await fetch(callbackUrl(world.sends[0]), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body:
        '{"message_token":5741311803571721087,"phone_number":"380671234567","time":1772359200,' +
        '"message":{"text":"Yes, please","tracking_data":"tracking_id:1001"}}',
    });
    expect(response.status).toBe(200);
    await relay();
    expect(receiver.told.map(({ body }) => body)).toEqual([
      '{"message_token":5741311803571721087,"phone_number":"380671234567","time":1772359200,' +
        `"message":{"text":"Yes, please","tracking_data":"tracking_id:${number}"}}`,
    ]);
  });

  it('is not called while the installation is on hold', async () => {
    await sendByDoor();
    await sent();
    await handOn();
    await world.database.query(
      `update installation set held_at = app_clock(), held_because = 'operator'`,
    );
    await relay();
    expect(receiver.told).toHaveLength(0);
  });

  it('costs the others nothing where it is silent', async () => {
    const silent = await startCallbackReceiver();
    silent.answerWith = null;
    try {
      for (let n = 0; n < 40; n++) await sendByDoor({ callback_url: `${silent.url}/dead` });
      const number = await sendByDoor();
      await world.steps.own();
      await eventually(async () => {
        await world.steps.pump();
        return world.sends.length === 41;
      });
      await world.steps.settled();
      const { gateway } = world.steps;
      await handOn();
      const caller = gateway.get(CallbackCaller);
      for (let round = 0; round < 5 && receiver.told.length === 0; round++) {
        await caller.runOnce();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(bodies()).toEqual([{ message_id: number, status: 0 }]);
      expect(silent.told.length).toBeLessThan(40);
    } finally {
      await silent.close();
    }
  });

  it.each(['http://169.254.169.254/latest', 'https://10.0.0.5/hook', 'https://user@shop.example/'])(
    'is refused where it may not lead: %s',
    async (url) => {
      const response = await fetch(`${world.steps.gateway.url}/v1/api/send-viber`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(world.tenant.apiKey).toString('base64')}` },
        body: JSON.stringify({ destination_addr: '380671234567', text: 'Hi', callback_url: url }),
      });
      expect(await response.json()).toMatchObject({ name: 'Invalid Parameter: [callback_url]' });
    },
  );
});
