import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DatabaseAddress, migrate } from '../../apps/gateway/src/platform/database/index.js';
import { afterRestore } from '../support/after-restore.js';
import { adminToken } from '../support/configuration.js';
import { cloneTestDatabase, createTestDatabase } from '../support/database.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';
import { startArchivedServer } from '../support/own-server.js';
import { startProvider, type TestProvider } from '../support/provider.js';
import { pause, send } from '../support/steps.js';

/** So many are accepted before the data end, at 5 a second: some are sent before, some after, some never. */
const load = 40;

let provider: TestProvider;
let gateway: TestGateway | undefined;
let lastId = 1_000;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  provider = await startProvider((request) => request.accept((lastId += 1)));
});

afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  await provider.close();
  for (const close of closing.splice(0).toReversed()) await close();
}, 60_000);

/** How often the provider took each text. */
function taken(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { path, body } of provider.requests) {
    if (!path.endsWith('/send-viber')) continue;
    const text = String(body['text']);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

/** A server that was started a moment ago may be slow to answer: what was refused for that is sent anew. */
async function sendAsAClient(at: TestGateway, tenant: TestTenant, count: number): Promise<void> {
  const request = {
    token: tenant.apiKey,
    headers: { 'idempotency-key': `load-${count}` },
    body: { recipient: '+380671234567', text: `load ${count}` },
  };
  await eventually(
    async () => {
      const answer = await call<{ id?: string; code?: string }>(
        at,
        'POST',
        '/v1/messages',
        request,
      );
      if (answer.code !== undefined) expect(answer.code).toBe('database_unavailable');
      return answer.id;
    },
    { withinMs: 30_000, what: `load ${count} accepted` },
  );
}

async function startLoad(address: DatabaseAddress): Promise<TestTenant> {
  gateway = await startGateway({ database: { address }, providerUrl: provider.url });
  const tenant = await createTenant(gateway, { max_per_second: 5 });
  for (let count = 0; count < load; count += 1) await sendAsAClient(gateway, tenant, count);
  await eventually(async () => taken().size >= 3, { what: 'a lane at work' });
  return tenant;
}

/** The original has sent on since the data end, and then stops. */
async function goOnAndStop(sent: number): Promise<Date> {
  await eventually(async () => taken().size >= sent + 5, { withinMs: 30_000, what: 'more sends' });
  await gateway?.close();
  gateway = undefined;
  expect(taken().size).toBeLessThan(load);
  return new Date();
}

/** On hold at first; dealt with and released, no message goes out twice, each has a fate, and new ones are sent. */
async function expectOneFateEach(
  address: DatabaseAddress,
  tenant: TestTenant,
  marks: readonly string[],
  times: { dataUntil: Date; stoppedAt: Date },
): Promise<void> {
  const before = taken();
  const restored = await startGateway({ database: { address }, providerUrl: provider.url });
  gateway = restored;
  const { hold } = await call<{ hold: { difference: { mark: string }[] } | null }>(
    restored,
    'GET',
    '/admin/installation',
    { token: adminToken, expect: 200 },
  );
  expect(hold?.difference.map(({ mark }) => mark)).toEqual(marks);
  await pause(4_000);
  expect(taken()).toEqual(before);
  const { code, output } = await afterRestore(
    address,
    '--data-until',
    times.dataUntil.toISOString(),
    '--sending-stopped-at',
    times.stoppedAt.toISOString(),
  );
  expect(code).toBe(0);
  expect(output).toContain('0 messages stay in the queue');
  await call(restored, 'POST', '/admin/installation/release', { token: adminToken, expect: 200 });
  await send(restored, tenant, { text: 'afterwards' });
  await eventually(async () => taken().has('afterwards'), { withinMs: 30_000 });
  expect(new Map([...taken()].filter(([, times]) => times > 1))).toEqual(new Map());
  const { data } = await call<{ data: { status: string; text: string }[] }>(
    restored,
    'GET',
    '/v1/messages?limit=100',
    { token: tenant.apiKey, expect: 200 },
  );
  const known = data.filter(({ text }) => text.startsWith('load'));
  expect(known).toHaveLength(load);
  // Nothing waits for ever, and nothing claims to be unsent that was sent.
  for (const { status } of known) expect(['sent', 'uncertain']).toContain(status);
  expect(known.filter(({ status }) => status === 'uncertain').length).toBeGreaterThan(5);
}

describe('R19: a copy that was taken under load', () => {
  it('Rule 22: of a database, restored beside the original in the same server: no message goes out twice', async () => {
    const original = await createTestDatabase();
    closing.push(() => original.drop());
    const tenant = await startLoad(original.address);
    const copy = await cloneTestDatabase(original);
    closing.push(() => copy.drop());
    const dataUntil = new Date();
    const stoppedAt = await goOnAndStop(taken().size);
    await expectOneFateEach(copy.address, tenant, ['database_oid'], { dataUntil, stoppedAt });
  }, 180_000);

  it('Rule 22: of a server, restored to a point in time: no message goes out twice', async () => {
    const server = await startArchivedServer();
    closing.push(() => server.stop());
    const address = await server.emptyDatabase('tyrian');
    await migrate(address.ownerUrl, address.url);
    const tenant = await startLoad(address);
    const [row] = await server.query<{ now: Date; text: string }>(
      'select clock_timestamp() as now, clock_timestamp()::text as text',
    );
    const { now: dataUntil, text: target } = row as { now: Date; text: string };
    const stoppedAt = await goOnAndStop(taken().size);
    const restored = await server.restoreTo(target);
    closing.push(() => restored.stop());
    await expectOneFateEach(restored.addressOf('tyrian'), tenant, ['timeline'], {
      dataUntil,
      stoppedAt,
    });
  }, 240_000);
});
