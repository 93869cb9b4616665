import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createSandbox, recipientFor, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { spawnGateway } from '../support/gateway-process.js';
import {
  call,
  createTenant,
  eventually,
  freePort,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';
import {
  isSigned,
  startReceiver,
  type ReceivedWebhook,
  type WebhookReceiver,
} from '../support/webhook-receiver.js';

interface Endpoint {
  readonly id: string;
  readonly secret: string;
}

let database: TestDatabase;
let sandbox: Sandbox;
let gateway: TestGateway;
let tenant: TestTenant;
const receivers: WebhookReceiver[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
  gateway = await startGateway({ database, providerUrl: sandbox.url });
  tenant = await createTenant(gateway);
}, 60_000);

afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
});

afterAll(async () => {
  await gateway?.close();
  await sandbox?.close();
  await database?.drop();
});

async function receive(port?: number): Promise<WebhookReceiver> {
  const receiver = await startReceiver(port);
  receivers.push(receiver);
  return receiver;
}

function register(
  at: { readonly url: string },
  who: TestTenant,
  url: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Endpoint> {
  return call<Endpoint>(at, 'POST', '/v1/webhook-endpoints', {
    token: who.apiKey,
    body: { url, ...settings },
    expect: 201,
  });
}

async function send(
  at: { readonly url: string },
  who: TestTenant,
  message: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { id } = await call<{ id: string }>(at, 'POST', '/v1/messages', {
    token: who.apiKey,
    body: { recipient: '+380671234567', text: 'Hello', ...message },
    expect: 202,
  });
  return id;
}

/** What came in about a message. */
function about(receiver: WebhookReceiver, messageId: string): ReceivedWebhook[] {
  return receiver.received.filter(({ body }) => body.data['id'] === messageId);
}

function arrived(receiver: WebhookReceiver, messageId: string): Promise<ReceivedWebhook> {
  return eventually(async () => about(receiver, messageId)[0], {
    withinMs: 20_000,
    what: 'a webhook about the message',
  });
}

describe('a webhook', () => {
  it('tells the end of a message, signed so that Standard Webhooks accepts it', async () => {
    const receiver = await receive();
    const { secret } = await register(gateway, tenant, receiver.url);
    const id = await send(gateway, tenant, {
      client_reference: 'order-1',
      metadata: { cart: '7' },
      text: 'Привіт 🙂',
    });
    const webhook = await arrived(receiver, id);
    expect(isSigned(webhook, secret)).toBe(true);
    expect(isSigned({ ...webhook, text: `${webhook.text} ` }, secret)).toBe(false);
    expect(webhook.headers['content-type']).toBe('application/json');
    expect(webhook.id).toMatch(/^evt_/);
    expect(webhook.body).toEqual({
      type: 'message.delivered',
      timestamp: expect.any(String),
      data: expect.objectContaining({
        id,
        account_id: tenant.accountId,
        status: 'delivered',
        previous_status: expect.stringMatching(/^(sent|pending|sending)$/),
        is_final: true,
        possible_duplicate: false,
        sequence: expect.any(Number),
        recipient: '+380671234567',
        text: 'Привіт 🙂',
        client_reference: 'order-1',
        metadata: { cart: '7' },
      }),
    });
    const timeline = await eventually(async () => {
      const { data } = await call<{ data: { type: string; detail: unknown }[] }>(
        gateway,
        'GET',
        `/v1/messages/${id}/timeline`,
        { token: tenant.apiKey },
      );
      return data.find(({ type }) => type === 'webhook');
    });
    expect(timeline.detail).toMatchObject({ webhook_id: webhook.id, http_status: 200, attempt: 1 });
  });

  it('tells every step in order of sequence where it is asked for', async () => {
    const receiver = await receive();
    const events = ['message.queued', 'message.sent', 'message.delivered'];
    await register(gateway, tenant, receiver.url, { events });
    // No callback that is faster than the answer.
    const id = await send(gateway, tenant, { recipient: `+${recipientFor('late')}` });
    await eventually(async () => about(receiver, id).length === 2, { what: 'two webhooks' });
    sandbox.clock.advance(60_000);
    await eventually(async () => about(receiver, id).length === 3, { what: 'three webhooks' });
    const inOrder = about(receiver, id).sort(
      (a, b) => Number(a.body.data['sequence']) - Number(b.body.data['sequence']),
    );
    expect(inOrder.map(({ body }) => body.type)).toEqual(events);
  });

  it('carries a signature of each secret while they overlap, and of the new one alone behind it', async () => {
    const receiver = await receive();
    const { id: endpointId, secret: first } = await register(gateway, tenant, receiver.url);
    const rotate = (overlap_seconds: number) =>
      call<{ secret: string; previous_secret_expires_at: string }>(
        gateway,
        'POST',
        `/v1/webhook-endpoints/${endpointId}/rotate-secret`,
        { token: tenant.apiKey, body: { overlap_seconds }, expect: 200 },
      );
    const { secret: second, previous_secret_expires_at: endsAt } = await rotate(86_400);
    expect(Date.parse(endsAt) - Date.now()).toBeGreaterThan(86_000_000);
    const both = await arrived(receiver, await send(gateway, tenant));
    expect([first, second].map((secret) => isSigned(both, secret))).toEqual([true, true]);
    const { secret: third } = await rotate(0);
    const one = await arrived(receiver, await send(gateway, tenant));
    expect([first, second, third].map((secret) => isSigned(one, secret))).toEqual([
      false,
      false,
      true,
    ]);
    expect(one.headers['webhook-signature']?.split(' ')).toHaveLength(1);
  });

  it('comes back to an endpoint that was dead, and was not lost', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/hooks`;
    await register(gateway, tenant, url);
    const id = await send(gateway, tenant);
    await eventually(
      async () => {
        const failed = await database.query(
          `select from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
           where e.url = $1 and d.last_error = 'connect'`,
          [url],
        );
        return failed.length > 0;
      },
      { what: 'a failed attempt' },
    );
    const receiver = await receive(port);
    await arrived(receiver, id);
    expect(about(receiver, id)).toHaveLength(1);
  }, 60_000);

  it('survives kill -9 in the middle of an attempt', async () => {
    const own = await createTestDatabase();
    const start = () =>
      spawnGateway({
        database: own,
        providerUrl: sandbox.url,
        // Production takes no loopback by itself.
        variables: { OUTBOUND_ALLOW_CIDRS: '127.0.0.0/8', LOG_LEVEL: 'trace' },
      });
    let running = await start();
    try {
      const [receiver, owner] = [await receive(), await createTenant(running)];
      receiver.answer = () => null;
      const { secret } = await register(running, owner, receiver.url, {
        events: ['message.queued'],
      });
      const id = await send(running, owner);
      const first = await arrived(receiver, id);
      await running.end('SIGKILL');
      receiver.answer = () => ({ status: 200 });
      // The lease of what was on the wire.
      await own.moveClock(31_000);
      running = await start();
      await eventually(async () => about(receiver, id).length === 2, {
        withinMs: 30_000,
        what: 'the second attempt',
      });
      const second = about(receiver, id)[1]!;
      expect(second.id).toBe(first.id);
      expect(second.text).toBe(first.text);
      expect(isSigned(first, secret)).toBe(true);
      // What signs it stands neither in a log nor, open, in the database.
      const [kept] = await own.query<{ sealed_secret: string }>(
        'select sealed_secret from webhook_secrets',
      );
      const key = secret.slice('whsec_'.length);
      for (const form of [key, Buffer.from(key, 'base64').toString('hex')]) {
        expect(running.output()).not.toContain(form);
        expect(kept?.sealed_secret).not.toContain(form);
      }
      expect(running.output()).not.toContain(receiver.url);
    } finally {
      await running.end('SIGKILL');
      await own.drop();
    }
  }, 120_000);
});

describe('a URL', () => {
  it.each([
    ['http://10.0.0.5/hooks', 'address_not_public'],
    ['https://169.254.169.254/latest', 'metadata_address'],
    ['https://[::ffff:10.0.0.5]/', 'address_not_public'],
    ['https://0xa000005/', 'address_not_public'],
    ['https://user:pw@example.com/', 'user_info_not_allowed'],
    ['ftp://example.com/', 'scheme_not_allowed'],
    ['nothing', 'not_a_url'],
  ])('that leads where it may not is refused, made or changed: %s', async (url, reason) => {
    const { id } = await register(gateway, tenant, 'http://127.0.0.1:9/hooks');
    for (const [method, path] of [
      ['POST', '/v1/webhook-endpoints'],
      ['PATCH', `/v1/webhook-endpoints/${id}`],
    ] as const) {
      const problem = await call(gateway, method, path, {
        token: tenant.apiKey,
        body: { url },
        expect: 422,
      });
      expect(problem).toMatchObject({
        code: 'url_not_allowed',
        reason,
        errors: [{ pointer: '/url', code: 'url_not_allowed' }],
      });
    }
    const path = `/v1/webhook-endpoints/${id}`;
    await call(gateway, 'DELETE', path, { token: tenant.apiKey, expect: 204 });
    await call(gateway, 'GET', path, { token: tenant.apiKey, expect: 404 });
  });
});

describe('another tenant', () => {
  it('neither hears of it nor reaches the endpoint, by any route', async () => {
    const stranger = await createTenant(gateway, {}, 'Stranger');
    const [mine, theirs] = [await receive(), await receive()];
    const own = await register(gateway, tenant, mine.url);
    await register(gateway, stranger, theirs.url);
    const id = await send(gateway, tenant);
    const { id: webhookId } = await arrived(mine, id);
    const absent = 'whe_01jf8z5v3we2r9n6k4q7t0xyzb';
    const now = new Date(Date.now() + 1_000).toISOString();
    const past = new Date(Date.now() - 60_000).toISOString();
    const routes: [string, string, unknown?][] = [
      ['GET', ''],
      ['PATCH', '', { description: 'Mine now' }],
      ['DELETE', ''],
      ['POST', '/test'],
      ['POST', '/rotate-secret'],
      ['GET', '/deliveries'],
      ['POST', `/deliveries/${webhookId}/retry`],
      ['POST', '/replay', { since: past, until: now }],
    ];
    for (const [method, rest, body] of routes) {
      const ask = (endpoint: string) =>
        call(gateway, method, `/v1/webhook-endpoints/${endpoint}${rest}`, {
          token: stranger.apiKey,
          expect: 404,
          ...(body === undefined ? {} : { body }),
        });
      expect(await ask(own.id)).toEqual(await ask(absent));
    }
    const { data } = await call<{ data: Endpoint[] }>(gateway, 'GET', '/v1/webhook-endpoints', {
      token: stranger.apiKey,
    });
    expect(data).toHaveLength(1);
    expect(data[0]).not.toHaveProperty('secret');
    expect(theirs.received).toEqual([]);
    const problem = await call(gateway, 'POST', '/v1/webhook-endpoints', {
      token: stranger.apiKey,
      body: { url: theirs.url, account_ids: [tenant.accountId] },
      expect: 422,
    });
    expect(problem).toMatchObject({ code: 'account_unknown' });
  });
});
