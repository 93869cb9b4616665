import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSandbox, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';

const number = '380671234567';

interface Inbound {
  readonly id: string;
  readonly text: string;
  readonly conversation_id: string;
  readonly provider_message_token: string;
}

let database: TestDatabase;
let sandbox: Sandbox;
let gateway: TestGateway;
let tenant: TestTenant;

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
  gateway = await startGateway({ database, providerUrl: sandbox.url });
  tenant = await createTenant(gateway);
}, 60_000);

afterAll(async () => {
  await gateway?.close();
  await sandbox?.close();
  await database?.drop();
});

function get<Body>(path: string): Promise<Body> {
  return call<Body>(gateway, 'GET', path, { token: tenant.apiKey, expect: 200 });
}

async function delivered(id: string): Promise<void> {
  await eventually(
    async () => (await get<{ status: string }>(`/v1/messages/${id}`)).status === 'delivered',
    { withinMs: 15_000, what: 'a message that is delivered' },
  );
}

/** As a recipient types it, with a name for the message on the phone or none; gives the inbound message. */
async function recipientWrites(text: string, more: Record<string, unknown> = {}): Promise<Inbound> {
  const { message_token: token } = await call<{ message_token: string }>(
    sandbox,
    'POST',
    '/sandbox/inbound',
    { body: { phone_number: number, text, ...more }, expect: 200 },
  );
  return eventually(async () => {
    const { data } = await get<{ data: Inbound[] }>('/v1/inbound-messages');
    return data.find(({ provider_message_token: taken }) => taken === token) ?? null;
  });
}

describe('a conversation with a recipient', () => {
  it('goes from message to reply to answer, and ends with a stop word', async () => {
    const asked = await call<{ id: string }>(gateway, 'POST', '/v1/messages', {
      token: tenant.apiKey,
      body: { recipient: `+${number}`, text: 'Shall we deliver today?', two_way: true },
      expect: 202,
    });
    await delivered(asked.id);
    const account = await get<{ inbound_url: string }>(`/v1/accounts/${tenant.accountId}`);

    const yes = await recipientWrites('Yes, after six', { time_unit: 'ms' });
    expect(yes).toMatchObject({
      in_reply_to: asked.id,
      sender: 'Tyrian',
      phone_number: `+${number}`,
      routed_by: 'callback_url',
    });
    const { data } = await get<{ data: { id: string }[] }>('/v1/conversations');
    expect(data).toMatchObject([{ id: yes.conversation_id, recipient: `+${number}` }]);

    const answered = await call<{ id: string }>(
      gateway,
      'POST',
      `/v1/conversations/${yes.conversation_id}/replies`,
      {
        token: tenant.apiKey,
        headers: { 'idempotency-key': 'answer-1' },
        body: { text: 'Six it is.' },
        expect: 202,
      },
    );
    await delivered(answered.id);

    // At the URL of the connection, without a name for what it answers.
    const stop = await recipientWrites('Стоп!', { url: account.inbound_url, tracking_data: null });
    expect(stop).toMatchObject({ in_reply_to: answered.id, routed_by: 'recent' });
    const page = await get<{ data: { direction: string; message: { text: string } | null }[] }>(
      `/v1/conversations/${yes.conversation_id}/messages`,
    );
    expect(page.data.map(({ direction, message }) => [direction, message?.text ?? null])).toEqual([
      ['inbound', null],
      ['outbound', 'Six it is.'],
      ['inbound', null],
      ['outbound', 'Shall we deliver today?'],
    ]);

    const { data: suppressed } = await get<{ data: unknown[] }>('/v1/suppressions');
    expect(suppressed).toMatchObject([
      {
        recipient: `+${number}`,
        source: 'stop_word',
        category: 'all',
        inbound_message_id: stop.id,
      },
    ]);
    for (const [path, body] of [
      ['/v1/messages', { recipient: number, text: 'One more thing' }],
      [`/v1/conversations/${yes.conversation_id}/replies`, { text: 'One more thing' }],
    ] as const) {
      const refused = await call<{ code: string }>(gateway, 'POST', path, {
        token: tenant.apiKey,
        body,
        expect: 422,
      });
      expect(refused.code).toBe('recipient_suppressed');
    }
    const batch = await call(gateway, 'POST', '/v1/messages/batch', {
      token: tenant.apiKey,
      body: {
        messages: [
          { recipient: number, text: 'One more thing' },
          { recipient: '+380501112233', text: 'Hello' },
        ],
      },
      expect: 202,
    });
    expect(batch).toMatchObject({
      accepted: 1,
      refused: 1,
      results: [{ error: { code: 'recipient_suppressed' } }, { index: 1 }],
    });
  });
});
