import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSandbox, recipientFor, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { Tyrian } from '../../libs/client/src/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { spawnGateway, type GatewayProcess } from '../support/gateway-process.js';
import { createTenant, type TestTenant } from '../support/gateway.js';
import { pause } from '../support/steps.js';

let database: TestDatabase;
let sandbox: Sandbox;
let api: GatewayProcess;
let worker: GatewayProcess;
let tenant: TestTenant;
let tyrian: Tyrian;

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
  const start = (roles: string, variables: Record<string, string> = {}) =>
    spawnGateway({ database, providerUrl: sandbox.url, variables: { ROLES: roles, ...variables } });
  api = await start('api');
  worker = await start('worker', { PUBLIC_URL: api.url });
  tenant = await createTenant(api);
  tyrian = new Tyrian({ baseUrl: api.url, apiKey: tenant.apiKey });
}, 120_000);

afterAll(async () => {
  await Promise.all([api, worker].map((gateway) => gateway?.end('SIGKILL')));
  await sandbox?.close();
  await database?.drop();
});

describe('the feed of a gateway in two processes', () => {
  it('tells of each message from its acceptance to its end, to a follower that stops and goes on', async () => {
    const fates = ['delivered', 'undelivered', 'rejected'] as const;
    const sent = new Map<string, string>();
    for (let n = 0; n < 30; n += 1) {
      const fate = fates[n % 3] as (typeof fates)[number];
      const { id } = await tyrian.send({
        recipient: `+${recipientFor(fate)}`,
        text: `message ${n}`,
      });
      sent.set(id, fate);
    }
    const told = new Map<string, string[]>();
    const sequences: number[] = [];
    let ended = 0;
    let after: string | undefined;
    while (ended < sent.size) {
      // A new follower for each page: it has nothing but the cursor.
      for await (const { events, cursor } of tyrian.follow({ after, limit: 7 })) {
        for (const { data } of events) {
          if (!('sequence' in data) || !('id' in data)) continue;
          const { id } = data;
          told.set(id, [...(told.get(id) ?? []), data.status]);
          sequences.push(data.sequence);
          if (data.is_final) ended += 1;
        }
        after = cursor;
        break;
      }
    }
    for (const [id, fate] of sent) {
      // A callback may be faster than the answer.
      expect(told.get(id)?.join()).toMatch(new RegExp(`^queued,(sent,)?${fate}$`));
    }
    expect(sequences).toEqual(Array.from({ length: sequences.length }, (_, n) => n + 1));
  });

  it('answers who waits before the process ends', async () => {
    const { next_cursor: after } = await tyrian.call('listEvents', { query: { after: 'latest' } });
    const answers = Array.from({ length: 10 }, () =>
      tyrian.call('listEvents', { query: { after, wait_seconds: 20 } }),
    );
    await pause(1_000);
    const toldAt = performance.now();
    expect(await api.end('SIGTERM')).toBe(0);
    for (const page of await Promise.all(answers))
      expect(page).toEqual({ data: [], next_cursor: after, has_more: false });
    expect(performance.now() - toldAt).toBeLessThan(15_000);
  });
});
