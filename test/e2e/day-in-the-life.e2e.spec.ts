import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSandbox, recipientFor, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { Tyrian } from '../../libs/client/src/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { spawnGateway, type GatewayProcess } from '../support/gateway-process.js';
import { call, eventually } from '../support/gateway.js';
import { adminToken } from '../support/secrets.js';
import { isSigned, startReceiver, type WebhookReceiver } from '../support/webhook-receiver.js';

// Bodies of any shape: the expectations say what they hold.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = Record<string, any>;

let database: TestDatabase;
let sandbox: Sandbox;
let gateway: GatewayProcess;
let receiver: WebhookReceiver;

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
  gateway = await spawnGateway({
    database,
    providerUrl: sandbox.url,
    variables: { OUTBOUND_ALLOW_CIDRS: '127.0.0.1/32' },
  });
  receiver = await startReceiver();
}, 120_000);

afterAll(async () => {
  await receiver?.close();
  await gateway?.end('SIGTERM');
  await sandbox?.close();
  await database?.drop();
});

const as =
  (token: string) =>
  (method: string, path: string, expect: number, body?: unknown): Promise<Json> =>
    call<Json>(gateway, method, path, { token, expect, ...(body === undefined ? {} : { body }) });

const operator = as(adminToken);

/** All events of a tenant that match, in the order of the feed. */
async function feedOf(token: string): Promise<Json[]> {
  const events: Json[] = [];
  for (let after = ''; ;) {
    const page = await as(token)('GET', `/v1/events?limit=50${after}`, 200);
    events.push(...page.data);
    if (page.has_more !== true) return events;
    after = `&after=${encodeURIComponent(page.next_cursor)}`;
  }
}

describe('a day in the life of a SaaS tenant', () => {
  it('goes from its making by the operator to a feed in which nothing is missing', async () => {
    // The operator has one contract with the provider, and makes a customer.
    const connection = await operator('POST', '/admin/connections', 201, {
      name: 'Contract',
      provider_key: 'the-contract',
    });
    const tenant = await operator('POST', '/admin/tenants', 201, { name: 'Acme' });
    await operator('POST', `/admin/tenants/${tenant.id}/accounts`, 201, {
      connection_id: connection.id,
      name: 'Acme',
      senders: ['Acme'],
      default_sender: 'Acme',
      default_category: 'transactional',
    });
    const key = tenant.api_key as string;
    const acme = as(key);
    const endpoint = await acme('POST', '/v1/webhook-endpoints', 201, { url: receiver.url });
    const { port } = new URL(receiver.url);

    // By REST, by the client, by the door.
    const byRest = await acme('POST', '/v1/messages', 202, {
      recipient: `+${recipientFor('delivered', 1)}`,
      text: 'By REST',
    });
    const tyrian = new Tyrian({ baseUrl: gateway.url, apiKey: key });
    const byClient = await tyrian.send({
      recipient: `+${recipientFor('undelivered', 2)}`,
      text: 'By the client',
    });
    const answer = await fetch(`${gateway.url}/v1/api/send-viber`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(key).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({
        source_addr: 'Acme',
        destination_addr: recipientFor('delivered', 3),
        message_type: 106,
        source_type: 2,
        text: 'By the door',
      }),
    });
    const { message_id: number } = (await answer.json()) as { message_id: number };
    expect(Number.isSafeInteger(number)).toBe(true);
    const [byDoor] = (await acme('GET', `/v1/messages?client_reference=${number}`, 200)).data;
    expect(byDoor).toMatchObject({ text: 'By the door' });

    // A reply comes, is answered, and is followed by a stop word.
    const recipient = recipientFor('reply', 4);
    const asked = await acme('POST', '/v1/messages', 202, {
      recipient: `+${recipient}`,
      text: 'Shall we come on Monday?',
      two_way: true,
    });
    const conversation = await eventually(
      async () =>
        (await acme('GET', `/v1/conversations?recipient=%2B${recipient}`, 200)).data[0] as Json,
      { withinMs: 20_000, what: 'a conversation' },
    );
    const answered = await acme('POST', `/v1/conversations/${conversation.id}/replies`, 202, {
      text: 'See you then.',
    });
    const told = await fetch(connection.inbound_url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"message_token":5741311803571721087,"phone_number":"${recipient}","time":${Math.floor(Date.now() / 1_000)},"message":{"text":"Stop!","tracking_data":""}}`,
    });
    expect(told.status).toBe(200);
    const refused = await eventually(
      async () => {
        const body = { recipient: `+${recipient}`, text: 'One more thing' };
        const refusal = await call<Json>(gateway, 'POST', '/v1/messages', { token: key, body });
        return refusal.code === undefined ? null : refusal;
      },
      { what: 'a suppression' },
    );
    expect(refused).toMatchObject({ status: 422, code: 'recipient_suppressed' });

    // Its backend hears of all that, signed.
    const ends = [byRest, byClient, byDoor, asked, answered].map(({ id }: { id: string }) => id);
    const heardOf = (id: string) => receiver.received.some(({ body }) => body.data['id'] === id);
    await eventually(async () => ends.every(heardOf), { withinMs: 30_000, what: 'all webhooks' });
    expect(receiver.received.map((webhook) => isSigned(webhook, endpoint.secret))).toEqual(
      receiver.received.map(() => true),
    );

    // It dies, and comes back; what happened meanwhile is told then.
    const before = receiver.received.map(({ id }) => id);
    await receiver.close();
    const meanwhile = await acme('POST', '/v1/messages', 202, {
      recipient: `+${recipientFor('delivered', 5)}`,
      text: 'While you were away',
    });
    await eventually(
      async () =>
        (
          await acme('GET', `/v1/webhook-endpoints/${endpoint.id}/deliveries?status=pending`, 200)
        ).data.some((delivery: Json) => delivery.attempts > 0),
      { withinMs: 20_000, what: 'an attempt in vain' },
    );
    receiver = await startReceiver(Number(port));
    await eventually(async () => heardOf(meanwhile.id), {
      withinMs: 40_000,
      what: 'what was told in vain',
    });

    // Nothing is missing in the feed, and nothing was told by webhook that is not in it. Whoever is written to at this
    // number says yes to everything, in his own time.
    const repliesIn = (events: readonly Json[]) =>
      events.filter(({ type }) => type === 'inbound.received');
    const feed = await eventually(
      async () => {
        const events = await feedOf(key);
        return repliesIn(events).length < 3 ? null : events;
      },
      { withinMs: 20_000, what: 'three replies in the feed' },
    );
    const ended = feed
      .filter(({ data }) => data.is_final === true)
      .map(({ data }) => data.id as string);
    expect(new Set(ended)).toEqual(new Set([...ends, meanwhile.id]));
    expect(ended).toHaveLength(ends.length + 1);
    const texts = repliesIn(feed).map(({ data }) => data.text as string);
    expect(texts.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'Stop!',
      'Yes, please',
      'Yes, please',
    ]);
    const inFeed = new Set(feed.map(({ id }) => id));
    const heard = new Set([...before, ...receiver.received.map(({ id }) => id)]);
    expect([...heard].filter((id) => !inFeed.has(id))).toEqual([]);
    const wanted = feed.filter(
      ({ type, data }) => data.is_final === true || type === 'inbound.received',
    );
    await eventually(
      async () => {
        for (const { id } of receiver.received) heard.add(id);
        return wanted.every(({ id }) => heard.has(id));
      },
      { withinMs: 20_000, what: 'everything that was wanted' },
    );
    const sequences = feed.map(({ data }) => data.sequence).filter((value) => value !== undefined);
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  }, 180_000);
});
