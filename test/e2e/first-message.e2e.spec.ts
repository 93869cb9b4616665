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
  sandbox = await createSandbox({ port: 0, deliveryMs: 100 });
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
});
