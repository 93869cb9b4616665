import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSandbox, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { messageTypes, sourceTypes, type MessageType } from '#viber/content';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';

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

const content = {
  text: 'Hello',
  image_url: 'https://shop.example/a.jpg',
  button: { caption: 'Join us', url: 'https://shop.example/join' },
  file_url: 'https://shop.example/a.pdf',
} as const;
/** The same in the provider's words. */
const wire = {
  text: { text: 'Hello' },
  image_url: { image: 'https://shop.example/a.jpg' },
  button: { button_caption: 'Join us', button_action: 'https://shop.example/join' },
  file_url: { file_url: 'https://shop.example/a.pdf' },
} as const;

function partsOf<T>({ needs }: MessageType, of: Readonly<Record<keyof typeof content, T>>): T[] {
  return needs.map((part) => of[part]);
}

/** What the provider took, once the message is delivered. */
async function taken(providerMessageId: string): Promise<unknown> {
  const [entry] = sandbox.journal.entries({ kind: 'send', message_id: providerMessageId });
  return entry?.body;
}

describe.each(messageTypes)('message type $type, $name', (type) => {
  it.each(type.categories)('goes from the REST API to the recipient as %s', async (category) => {
    const { id } = await call<{ id: string }>(gateway, 'POST', '/v1/messages', {
      token: tenant.apiKey,
      body: {
        recipient: '+380671234567',
        category,
        ...Object.fromEntries(type.needs.map((part) => [part, content[part]])),
        ...(type.chosen === 'by number' ? { provider_message_type: type.type } : {}),
        ...(type.twoWay ? { two_way: true } : {}),
      },
      expect: 202,
    });
    const delivered = await eventually(async () => {
      const read = await call<{ status: string; provider_message_id: string }>(
        gateway,
        'GET',
        `/v1/messages/${id}`,
        { token: tenant.apiKey, expect: 200 },
      );
      return read.status === 'delivered' ? read : null;
    });
    expect(await taken(delivered.provider_message_id)).toMatchObject({
      message_type: type.type,
      source_type: sourceTypes[category],
      ...Object.assign({}, ...partsOf<object>(type, wire)),
    });
  });

  it('goes from the door to the recipient', async () => {
    const answer = await fetch(`${gateway.url}/v1/api/send-viber`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(tenant.apiKey).toString('base64')}` },
      body: JSON.stringify({
        destination_addr: '380671234567',
        message_type: type.type,
        source_type: sourceTypes[type.categories[0]!],
        ...Object.assign({}, ...partsOf<object>(type, wire)),
      }),
    });
    const { message_id } = (await answer.json()) as { message_id: number };
    const delivered = await eventually(async () => {
      const { data } = await call<{ data: { status: string; provider_message_id: string }[] }>(
        gateway,
        'GET',
        `/v1/messages?client_reference=${message_id}`,
        { token: tenant.apiKey, expect: 200 },
      );
      return data[0]?.status === 'delivered' ? data[0] : null;
    });
    expect(await taken(delivered.provider_message_id)).toMatchObject({
      message_type: type.type,
      ...Object.assign({}, ...partsOf<object>(type, wire)),
    });
  });
});
