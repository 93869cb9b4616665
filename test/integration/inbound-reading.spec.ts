import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { smallestIdAt } from '../../apps/gateway/src/messages/id-time.js';
import type { Viewer } from '../../apps/gateway/src/messages/page-frontier.js';
import { Database, InstallationMarks } from '../../apps/gateway/src/platform/database/index.js';
import { Log } from '../../apps/gateway/src/platform/logging/index.js';
import {
  InboundMessageReader,
  type InboundFilters,
} from '../../apps/gateway/src/receipts/inbound-message-reader.js';
import { testConfiguration } from '../support/configuration.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const everything: InboundFilters = {
  phoneNumber: null,
  accountId: null,
  receivedAfterMs: null,
  receivedBeforeMs: null,
};
const base = Date.parse('2026-03-01T09:00:00Z');

let testDatabase: TestDatabase;
let database: Database;
let reader: InboundMessageReader;
let viewer: Viewer;
let count = 0;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const log = Log.create({ level: 'silent', format: 'json' });
  database = new Database(
    testDatabase.address,
    new InstallationMarks(testConfiguration(), log),
    log,
  );
  reader = new InboundMessageReader(database);
});

afterAll(async () => {
  await database.onApplicationShutdown();
  await testDatabase.drop();
});

beforeEach(() => {
  viewer = { tenantId: randomUUID(), accountIds: null };
});

async function anInbound(change: Record<string, unknown> = {}): Promise<string> {
  count += 1;
  const row: Record<string, unknown> = {
    tenant_id: viewer.tenantId,
    id: smallestIdAt(base + count),
    connection_id: randomUUID(),
    account_id: null,
    message_token: '5741311803571721087',
    phone_number: '380671234567',
    text: 'Yes',
    ...change,
  };
  const columns = Object.keys(row);
  await testDatabase.query(
    `insert into inbound_messages (${columns.join(', ')}) values (${columns.map((_, n) => `$${n + 1}`).join(', ')})`,
    Object.values(row),
  );
  return row['id'] as string;
}

async function idsOf(filters: Partial<InboundFilters> = {}, as = viewer): Promise<string[]> {
  const page = await reader.list(as, { ...everything, ...filters }, { limit: 100, before: null });
  return page.messages.map(({ id }) => id);
}

describe('inbound messages', () => {
  it('are listed newest first, page by page', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.unshift(await anInbound());
    const first = await reader.list(viewer, everything, { limit: 3, before: null });
    const second = await reader.list(viewer, everything, { limit: 3, before: first.nextBefore });
    expect([...first.messages, ...second.messages].map(({ id }) => id)).toEqual(ids);
    expect(first.nextBefore).toBe(ids[2]);
    expect(second.nextBefore).toBeNull();
  });

  it('are narrowed by who wrote, by account and by time', async () => {
    const accountId = randomUUID();
    await anInbound();
    const wanted = await anInbound({ phone_number: '97251222222', account_id: accountId });
    const at = base + count;
    await anInbound();
    expect(await idsOf({ phoneNumber: '97251222222' })).toEqual([wanted]);
    expect(await idsOf({ accountId })).toEqual([wanted]);
    expect(await idsOf({ receivedAfterMs: at, receivedBeforeMs: at + 1 })).toEqual([wanted]);
    expect(await idsOf({ accountId: randomUUID() })).toEqual([]);
  });

  it('are those of the tenant, and of the accounts that the key may see', async () => {
    const accountId = randomUUID();
    const mine = await anInbound({ account_id: accountId });
    await anInbound({ account_id: randomUUID() });
    await anInbound();
    expect(await idsOf({}, { ...viewer, accountIds: [accountId] })).toEqual([mine]);
    expect(await idsOf()).toHaveLength(3);
    expect(await idsOf({}, { tenantId: randomUUID(), accountIds: null })).toEqual([]);
  });
});
