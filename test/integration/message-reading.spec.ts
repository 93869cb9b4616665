import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { smallestIdAt } from '../../apps/gateway/src/messages/id-time.js';
import {
  MessageReader,
  type MessageFilters,
} from '../../apps/gateway/src/messages/message-reader.js';
import type { Viewer } from '../../apps/gateway/src/messages/page-frontier.js';
import { WaitingReader } from '../../apps/gateway/src/messages/waiting-reader.js';
import type { MessageStatus } from '../../apps/gateway/src/messages/transitions.js';
import { Database, InstallationMarks } from '../../apps/gateway/src/platform/database/index.js';
import { NotFound } from '../../apps/gateway/src/platform/errors/index.js';
import { Log } from '../../apps/gateway/src/platform/logging/index.js';
import { testConfiguration } from '../support/configuration.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const everything: MessageFilters = {
  statuses: null,
  recipient: null,
  accountId: null,
  sender: null,
  category: null,
  clientReference: null,
  providerMessageId: null,
  createdAfterMs: null,
  createdBeforeMs: null,
};
const day = 86_400_000;

let testDatabase: TestDatabase;
let database: Database;
let reader: MessageReader;
let viewer: Viewer;
let accountId: string;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const log = Log.create({ level: 'silent', format: 'json' });
  database = new Database(
    testDatabase.address,
    new InstallationMarks(testConfiguration(), log),
    log,
  );
  reader = new MessageReader(database, new WaitingReader());
});

afterAll(async () => {
  await database.onApplicationShutdown();
  await testDatabase.drop();
});

beforeEach(async () => {
  viewer = await aTenant();
  accountId = await anAccount(viewer.tenantId);
});

async function aTenant(): Promise<Viewer> {
  const tenantId = randomUUID();
  await testDatabase.query('insert into tenants (id, name) values ($1::uuid, $1::text)', [
    tenantId,
  ]);
  return { tenantId, accountIds: null };
}

async function anAccount(tenantId: string): Promise<string> {
  const id = randomUUID();
  await testDatabase.query(
    `with state as (insert into connection_states (fingerprint) values (decode(replace($2::text, '-', ''), 'hex')) returning fingerprint),
      connection as (insert into connections (id, tenant_id, name, sealed_key, fingerprint) select $2::uuid, $1::uuid, 'c', 'x', fingerprint from state returning id),
      account as (insert into accounts (tenant_id, id, connection_id, name) select $1::uuid, $2::uuid, id, 'a' from connection returning connection_id)
    insert into lanes (tenant_id, account_id, connection_id) select $1::uuid, $2::uuid, connection_id from account`,
    [tenantId, id],
  );
  return id;
}

let count = 0;
/** An id of its own millisecond, later than those before. */
function nextId(ageMs = 0): string {
  count += 1;
  return smallestIdAt(Date.now() - 3_600_000 + count - ageMs);
}

async function aMessage(columns: Record<string, unknown> = {}): Promise<string> {
  const row: Record<string, unknown> = {
    tenant_id: viewer.tenantId,
    id: nextId(),
    account_id: accountId,
    accepted_at: new Date(),
    sender: 'Shop',
    recipient: '380671234567',
    category: 'transactional',
    class: 1,
    two_way: false,
    provider_message_type: 106,
    delivery_mode: 'at_most_once',
    text: 'Hello',
    validity_seconds: 3600,
    expires_at: new Date(),
    ...columns,
  };
  await insert('messages', row);
  return row['id'] as string;
}

async function aFinal(status: string, columns: Record<string, unknown> = {}): Promise<string> {
  return aMessage({ status, final_at: new Date(), ...columns });
}

async function scheduled(id: string): Promise<string> {
  await insert('scheduled', { ...keys(id), class: 1, due_at: new Date(), expires_at: new Date() });
  return id;
}

async function queued(id: string, columns: Record<string, unknown> = {}): Promise<string> {
  await insert('outgoing', { ...keys(id), class: 1, pos: id, expires_at: new Date(), ...columns });
  return id;
}

async function intended(ids: readonly string[], attempts: readonly number[]): Promise<void> {
  await insert('intents', {
    tenant_id: viewer.tenantId,
    account_id: accountId,
    id: randomUUID(),
    token: 1,
    epoch: 1,
    owner: randomUUID(),
    message_ids: ids,
    attempts,
  });
}

async function awaiting(
  id: string,
  status: string,
  columns: Record<string, unknown> = {},
): Promise<string> {
  await insert('awaiting', {
    ...keys(id),
    class: 1,
    pos: id,
    status,
    attempt: 1,
    sent_at: new Date(),
    expires_at: new Date(),
    window_ends_at: new Date(),
    ...columns,
  });
  return id;
}

function keys(id: string) {
  return { tenant_id: viewer.tenantId, message_id: id, account_id: accountId };
}

async function insert(table: string, row: Record<string, unknown>): Promise<void> {
  const columns = Object.keys(row);
  const places = columns.map((_, index) => `$${index + 1}`);
  await testDatabase.query(
    `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`,
    Object.values(row),
  );
}

async function idsOf(filters: Partial<MessageFilters>, as = viewer): Promise<string[]> {
  const page = await reader.list(as, { ...everything, ...filters }, { limit: 100, before: null });
  return page.messages.map(({ accepted }) => accepted.id);
}

describe('a message that is read', () => {
  async function progressOf(id: string) {
    return (await reader.get(viewer, id)).progress;
  }

  it('is where its narrow row stands, until its status is final', async () => {
    expect(await progressOf(await scheduled(await aMessage()))).toMatchObject({
      status: 'scheduled',
      attempts: 0,
    });
    expect(await progressOf(await queued(await aMessage()))).toMatchObject({
      status: 'queued',
      attempts: 0,
    });
    for (const status of ['sent', 'pending', 'uncertain']) {
      expect(await progressOf(await awaiting(await aMessage(), status))).toMatchObject({
        status,
        attempts: 1,
        finalAt: null,
      });
    }
    for (const status of [
      'delivered',
      'undelivered',
      'rejected',
      'failed',
      'expired',
      'cancelled',
      'uncertain',
      'unresolved',
    ]) {
      const progress = await progressOf(await aFinal(status));
      expect(progress.status).toBe(status);
      expect(progress.finalAt).toBeInstanceOf(Date);
    }
  });

  it('is sending while an open intent holds the attempt of its queue row, and no other', async () => {
    const id = await queued(await aMessage(), { attempt: 2 });
    const other = await queued(await aMessage());
    await intended([other, id], [7, 1]);
    expect(await progressOf(id)).toMatchObject({ status: 'queued', attempts: 1 });
    expect(await progressOf(other)).toMatchObject({ status: 'queued', attempts: 0 });
    await intended([id], [2]);
    expect(await progressOf(id)).toMatchObject({ status: 'sending', attempts: 2 });
  });

  it('shows what is known before the final, and what came with it after', async () => {
    const open = await awaiting(await aMessage(), 'pending', {
      provider_message_id: '9007199254740993',
      provider_status: '5',
      status_code: null,
    });
    expect(await progressOf(open)).toMatchObject({
      providerMessageId: '9007199254740993',
      providerStatus: '5',
    });
    const ended = await aFinal('rejected', {
      provider_status: '3',
      provider_message_id: '429',
      status_code: 'refused',
      status_message: 'The provider refused it.',
      evidence: 'answer',
      attempts: 2,
      possible_duplicate: true,
    });
    expect(await progressOf(ended)).toMatchObject({
      providerStatus: '3',
      providerMessageId: '429',
      statusCode: 'refused',
      statusMessage: 'The provider refused it.',
      evidence: 'answer',
      attempts: 2,
      possibleDuplicate: true,
    });
  });

  it('may be a duplicate only when it went out again after an unknown outcome', async () => {
    const first = await awaiting(await aMessage(), 'uncertain', { maybe_sent: false });
    const second = await awaiting(await aMessage(), 'sent', { maybe_sent: true, attempt: 2 });
    const waiting = await queued(await aMessage(), { maybe_sent: true, attempt: 2 });
    expect((await progressOf(first)).possibleDuplicate).toBe(false);
    expect((await progressOf(second)).possibleDuplicate).toBe(true);
    expect((await progressOf(waiting)).possibleDuplicate).toBe(false);
    await intended([waiting], [2]);
    expect((await progressOf(waiting)).possibleDuplicate).toBe(true);
  });

  it('keeps the time at which the provider took it, beyond the final', async () => {
    const id = await aFinal('delivered');
    const at = new Date('2026-03-01T09:00:00.182Z');
    const event = { tenant_id: viewer.tenantId, message_id: id, type: 'attempt', attempt: 1 };
    await insert('events', {
      ...event,
      id: nextId(),
      at: new Date('2026-03-01T09:00:00Z'),
      detail: { outcome: 'not_sent' },
    });
    await insert('events', { ...event, id: nextId(), at, detail: { outcome: 'accepted' } });
    expect((await progressOf(id)).sentAt).toEqual(at);
    expect((await progressOf(await aFinal('expired'))).sentAt).toBeNull();
  });

  it('is not found alike when it is absent, foreign, or of an account that the key may not see', async () => {
    const id = await queued(await aMessage());
    const stranger = await aTenant();
    const restricted = { ...viewer, accountIds: [randomUUID()] };
    const refusals = await Promise.all(
      [reader.get(viewer, randomUUID()), reader.get(stranger, id), reader.get(restricted, id)].map(
        (reading) =>
          reading.catch((error: { toProblem(): unknown }) => JSON.stringify(error.toProblem())),
      ),
    );
    expect(new Set(refusals)).toEqual(new Set([expect.stringContaining('"code":"not_found"')]));
    expect(new Set(refusals).size).toBe(1);
  });

  it('stays hidden from another tenant even where a query forgets its tenant', async () => {
    await queued(await aMessage());
    const stranger = await aTenant();
    const rows = await database.transaction(
      'reads',
      { role: 'tenant', tenantId: stranger.tenantId },
      (tx) => tx.query('select id from messages'),
    );
    expect(rows).toEqual([]);
  });
});

describe('a list of messages', () => {
  it('is newest first, page by page, and ends', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 7; n++) ids.unshift(await queued(await aMessage()));
    const seen: string[] = [];
    let before: string | null = null;
    let pages = 0;
    do {
      const page = await reader.list(viewer, everything, { limit: 3, before });
      seen.push(...page.messages.map(({ accepted }) => accepted.id));
      before = page.nextBefore;
      pages += 1;
    } while (before !== null);
    expect(seen).toEqual(ids);
    expect(pages).toBe(3);
  });

  it('holds nothing of another tenant', async () => {
    const id = await queued(await aMessage({ recipient: '380990000001' }));
    await insert('provider_ids', {
      tenant_id: viewer.tenantId,
      provider_message_id: '77',
      message_id: id,
    });
    const stranger = await aTenant();
    for (const filters of [
      {},
      { recipient: '380990000001' },
      { providerMessageId: '77' },
      { statuses: ['queued'] as MessageStatus[] },
    ]) {
      expect(await idsOf(filters)).toEqual([id]);
      expect(await idsOf(filters, stranger)).toEqual([]);
    }
  });

  it('is narrowed by each filter', async () => {
    const other = await anAccount(viewer.tenantId);
    const wanted = await aFinal('delivered', {
      recipient: '380501112233',
      sender: 'Bank',
      category: 'promotional',
      client_reference: 'order-1',
      account_id: other,
    });
    await aFinal('delivered', { client_reference: 'order-2' });
    await queued(await aMessage());
    await insert('provider_ids', {
      tenant_id: viewer.tenantId,
      provider_message_id: '429',
      message_id: wanted,
    });
    const narrowing: Partial<MessageFilters>[] = [
      { recipient: '380501112233' },
      { sender: 'Bank' },
      { category: 'promotional' },
      { clientReference: 'order-1' },
      { accountId: other },
      { providerMessageId: '429' },
    ];
    for (const filters of narrowing) expect(await idsOf(filters)).toEqual([wanted]);
    expect(await idsOf(Object.assign({}, ...narrowing))).toEqual([wanted]);
    expect(await idsOf({ providerMessageId: '429', sender: 'Shop' })).toEqual([]);
    expect(await idsOf({ clientReference: 'order-1', recipient: '380671234567' })).toEqual([]);
  });

  it('is narrowed to the accounts that the key may see', async () => {
    const visible = await aFinal('delivered');
    const hiddenAccount = await anAccount(viewer.tenantId);
    await aFinal('delivered', { account_id: hiddenAccount });
    const restricted = { ...viewer, accountIds: [accountId] };
    expect(await idsOf({}, restricted)).toEqual([visible]);
    expect(await idsOf({ accountId: hiddenAccount }, restricted)).toEqual([]);
  });

  it('is narrowed to a span of acceptance: from its start, up to its end', async () => {
    const start = Date.now() - 2 * 3_600_000;
    const [, , inside] = await Promise.all(
      [start - 1, start + 1_000, start].map((at) => aFinal('delivered', { id: smallestIdAt(at) })),
    );
    expect(await idsOf({ createdAfterMs: start, createdBeforeMs: start + 1_000 })).toEqual([
      inside,
    ]);
  });

  it('finds each status where it stands', async () => {
    const sending = await queued(await aMessage());
    await intended([sending], [1]);
    const expected: Record<string, string[]> = {
      sending: [sending],
      scheduled: [await scheduled(await aMessage())],
      queued: [await queued(await aMessage())],
      sent: [await awaiting(await aMessage(), 'sent')],
      pending: [await awaiting(await aMessage(), 'pending')],
      delivered: [await aFinal('delivered')],
      failed: [await aFinal('failed')],
      unresolved: [await aFinal('unresolved')],
    };
    for (const [status, ids] of Object.entries(expected)) {
      expect([status, await idsOf({ statuses: [status as MessageStatus] })]).toEqual([status, ids]);
    }
    expect(new Set(await idsOf({ statuses: ['queued', 'sending', 'sent'] }))).toEqual(
      new Set([...expected['queued']!, sending, ...expected['sent']!]),
    );
    expect(new Set(await idsOf({ statuses: ['pending', 'failed', 'scheduled'] }))).toEqual(
      new Set([...expected['pending']!, ...expected['failed']!, ...expected['scheduled']!]),
    );
    expect(await idsOf({ statuses: ['queued'], recipient: '380671234567' })).toEqual(
      expected['queued'],
    );
  });

  it('finds what is uncertain, whether it is final by now or not', async () => {
    const old = await aFinal('uncertain', { id: nextId(6 * day) });
    const open = await awaiting(await aMessage(), 'uncertain');
    await aFinal('delivered');
    expect(await idsOf({ statuses: ['uncertain'] })).toEqual([open, old]);
  });

  it('misses and repeats nothing, however few rows a page examines', async () => {
    const wanted: string[] = [];
    for (let n = 0; n < 30; n++) {
      const id = n % 7 === 0 ? await aFinal('failed') : await aFinal('delivered');
      if (n % 7 === 0) wanted.unshift(id);
    }
    const filters = { ...everything, statuses: ['failed'] as MessageStatus[] };
    const seen: string[] = [];
    let before: string | null = null;
    let pages = 0;
    do {
      const page = await reader.list(viewer, filters, { limit: 2, before, mostExamined: 4 });
      seen.push(...page.messages.map(({ accepted }) => accepted.id));
      before = page.nextBefore;
      pages += 1;
    } while (before !== null);
    expect(pages).toBeGreaterThan(wanted.length);
    expect(seen).toEqual(wanted);
  });
});

describe('the timeline', () => {
  it('holds the events of the message in the order in which they were recorded', async () => {
    const id = await aFinal('delivered');
    const event = { tenant_id: viewer.tenantId, message_id: id, at: new Date() };
    await insert('events', {
      ...event,
      id: nextId(),
      type: 'attempt',
      attempt: 1,
      status: 'sent',
      applied: true,
      detail: { outcome: 'accepted' },
    });
    await insert('events', {
      ...event,
      id: nextId(),
      type: 'receipt',
      attempt: 1,
      status: 'delivered',
      applied: true,
    });
    await insert('events', {
      ...event,
      message_id: await aFinal('failed'),
      id: nextId(),
      type: 'poll',
    });
    const { accepted, events, waiting } = await reader.history(viewer, id);
    expect(accepted.id).toBe(id);
    expect(events.map(({ type }) => type)).toEqual(['attempt', 'receipt']);
    expect(waiting).toBeNull();
    await expect(reader.history(await aTenant(), id)).rejects.toThrow(NotFound);
  });
});
