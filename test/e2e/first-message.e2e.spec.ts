import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSandbox, recipientFor, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';

interface Message {
  readonly id: string;
  readonly status: string;
  readonly is_final: boolean;
}

let database: TestDatabase;
let sandbox: Sandbox;
let gateway: TestGateway;
let tenant: TestTenant;

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await createSandbox({
    port: 0,
    deliveryMs: 100,
    // Whatever the provider expects as an answer, and however often it asks for it.
    callbackTakenBody: 'what nobody says',
    callbackRetrySeconds: [0],
  });
  gateway = await startGateway({ database, providerUrl: sandbox.url });
  tenant = await createTenant(gateway);
}, 60_000);

afterAll(async () => {
  await gateway?.close();
  await sandbox?.close();
  await database?.drop();
});

describe('the life of a message', () => {
  it('reaches delivered, and its timeline tells how', async () => {
    const message = await call<Message>(gateway, 'POST', '/v1/messages', {
      token: tenant.apiKey,
      body: { recipient: '+380671234567', text: 'Hello' },
      expect: 202,
    });
    expect(message).toMatchObject({
      status: 'queued',
      is_final: false,
      recipient: '+380671234567',
    });
    const final = await eventually(async () => {
      const read = await call<Message>(gateway, 'GET', `/v1/messages/${message.id}`, {
        token: tenant.apiKey,
        expect: 200,
      });
      return read.is_final ? read : null;
    });
    expect(final).toMatchObject({ status: 'delivered', evidence: 'callback', attempts: 1 });
    const { data } = await call<{ data: { type: string; status?: string }[] }>(
      gateway,
      'GET',
      `/v1/messages/${message.id}/timeline`,
      { token: tenant.apiKey, expect: 200 },
    );
    expect(data.map((entry) => entry.type)).toEqual(
      expect.arrayContaining(['accepted', 'queued', 'attempt', 'receipt']),
    );
  });

  it.each(['callback_form', 'callback_multipart', 'callback_query', 'callback_text_ids'])(
    'is followed by callbacks of any form, such as %s, though the answer to them is not the one wanted',
    async (fate) => {
      const { id } = await call<Message>(gateway, 'POST', '/v1/messages', {
        token: tenant.apiKey,
        body: { recipient: `+${recipientFor(fate)}`, text: 'Hello' },
        expect: 202,
      });
      const final = await eventually(async () => {
        const path = `/v1/messages/${id}`;
        const read = await call<Message>(gateway, 'GET', path, { token: tenant.apiKey });
        return read.is_final ? read : null;
      });
      expect(final).toMatchObject({ status: 'delivered', evidence: 'callback' });
      await eventually(async () => {
        const entries = sandbox.journal.entries({
          recipient: recipientFor(fate),
          kind: 'callback',
        });
        return entries.some(({ decision }) => decision === 'given_up');
      });
    },
  );
});
