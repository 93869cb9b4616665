import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSandbox, recipientFor } from './sandbox.js';
import type { SandboxConfig } from './sandbox.config.js';
import type { Sandbox } from './sandbox.js';
import { startCallbackReceiver } from './testing/callback-receiver.js';
import type { CallbackReceiver } from './testing/callback-receiver.js';
import { aSend, SandboxClient } from './testing/client.js';

let sandbox: Sandbox;
let receiver: CallbackReceiver;
let client: SandboxClient;

async function start(options: Partial<SandboxConfig> = {}): Promise<void> {
  sandbox = await createSandbox({
    port: 0,
    deliveryMs: 1,
    callbackRetrySeconds: [1, 2],
    callbackTimeoutMs: 1_000,
    ...options,
  });
  client = new SandboxClient(sandbox.url);
}

async function startAnew(options: Partial<SandboxConfig>): Promise<void> {
  await client.close();
  await sandbox.close();
  await start(options);
}

beforeEach(async () => {
  receiver = await startCallbackReceiver();
  await start();
});

afterEach(async () => {
  await client.close();
  await sandbox.close();
  await receiver.close();
});

const journalled = () =>
  sandbox.journal
    .entries({ kind: 'callback' })
    .map(({ decision, attempt, http_status }) => [decision, attempt, http_status]);

async function untilJournalled(count: number): Promise<void> {
  for (let turn = 0; journalled().length < count; turn++) {
    if (turn > 500) throw new Error(`${journalled().length} of ${count} callbacks are journalled.`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const send = () => client.send(aSend({ callback_url: `${receiver.url}/c?secret=1` }));

describe('a callback', () => {
  it('is tried again after the configured times of the clock until it is answered with 2xx', async () => {
    receiver.answerWith.push(503, 302);
    await send();
    await untilJournalled(1);
    sandbox.clock.advance(999);
    expect(receiver.received).toHaveLength(1);
    sandbox.clock.advance(1);
    await untilJournalled(2);
    sandbox.clock.advance(2_000);
    await untilJournalled(3);
    expect(journalled()).toEqual([
      ['failed', 1, 503],
      ['failed', 2, 302],
      ['answered', 3, 200],
    ]);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
    expect(receiver.received[0]!.path).toBe('/c?secret=1');
    expect(sandbox.clock.planned).toBe(0);
  });

  it('is given up when the retries are used up', async () => {
    receiver.answerWith.push(500, 500, 500, 500);
    await send();
    await untilJournalled(1);
    sandbox.clock.advance(1_000);
    await untilJournalled(2);
    sandbox.clock.advance(2_000);
    await untilJournalled(3);
    sandbox.clock.advance(3_600_000);
    expect(journalled().at(-1)).toEqual(['given_up', 3, 500]);
    expect(receiver.received).toHaveLength(3);
  });

  it.each([
    ['this status', { callbackTakenStatus: 202 }, [200, 202]],
    ['this body', { callbackTakenBody: 'thank you' }, [500, 200]],
  ])(
    'is taken only where the answer has %s, where one is configured',
    async (_what, options, answers) => {
      await startAnew(options);
      receiver.answerWith.push(...answers);
      await send();
      await untilJournalled(1);
      sandbox.clock.advance(1_000);
      await untilJournalled(2);
      expect(journalled()).toEqual([
        ['failed', 1, answers[0]],
        ['answered', 2, answers[1]],
      ]);
    },
  );

  it('is given up at once where the body of the answer is another one and there are no retries', async () => {
    await startAnew({ callbackTakenBody: 'OK', callbackRetrySeconds: [] });
    await send();
    await untilJournalled(1);
    expect(journalled()).toEqual([['given_up', 1, 200]]);
    expect(sandbox.clock.planned).toBe(0);
  });

  it('is tried again when nobody listens', async () => {
    await client.send(aSend({ callback_url: 'http://127.0.0.1:9/nobody' }));
    await untilJournalled(1);
    expect(sandbox.journal.entries({ kind: 'callback' })[0]).toMatchObject({
      decision: 'failed',
      reason: 'ECONNREFUSED',
    });
    expect(sandbox.clock.planned).toBe(1);
  });

  it('uses its connection again', async () => {
    const sockets = new Set<unknown>();
    for (let n = 0; n < 5; n++) {
      await send();
      await untilJournalled(n + 1);
      sockets.add(receiver.received.at(-1)!.remotePort);
    }
    expect(sockets.size).toBe(1);
  });

  it('that is under way at a reset is neither recorded nor tried again', async () => {
    receiver.answerAfterMs = 100;
    receiver.answerWith.push(500);
    await send();
    await receiver.waitFor('/c', 1);
    sandbox.reset();
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(journalled()).toEqual([]);
    expect(sandbox.clock.planned).toBe(0);
  });

  it('that is planned is forgotten at a reset', async () => {
    receiver.answerWith.push(500);
    await send();
    await untilJournalled(1);
    await client.send(
      aSend({ destination_addr: recipientFor('late'), callback_url: `${receiver.url}/late` }),
    );
    sandbox.reset();
    sandbox.clock.advance(3_600_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(receiver.received).toHaveLength(1);
    expect(sandbox.journal.entries().map(({ kind }) => kind)).toEqual(['reset']);
  });
});
