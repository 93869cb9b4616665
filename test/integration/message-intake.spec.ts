import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountDirectory, SendingAccount } from '../../apps/gateway/src/accounts/index.js';
import { Admission } from '../../apps/gateway/src/messages/admission.js';
import { BatchIntake } from '../../apps/gateway/src/messages/batch-intake.js';
import { showBatch } from '../../apps/gateway/src/messages/batch-result.js';
import { ClaimReader } from '../../apps/gateway/src/messages/claim-reader.js';
import { DraftingContexts } from '../../apps/gateway/src/messages/drafting-contexts.js';
import { MessageAcceptor } from '../../apps/gateway/src/messages/message-acceptor.js';
import { MessageIntake } from '../../apps/gateway/src/messages/message-intake.js';
import { WaitingReader } from '../../apps/gateway/src/messages/waiting-reader.js';
import { MessageReader } from '../../apps/gateway/src/messages/message-reader.js';
import { progressAtAcceptance } from '../../apps/gateway/src/messages/message.js';
import { showMessage } from '../../apps/gateway/src/messages/show-message.js';
import { Metrics } from '../../apps/gateway/src/platform/metrics/index.js';
import { Clock } from '../../apps/gateway/src/platform/clock/index.js';
import type { Configuration } from '../../apps/gateway/src/platform/config/index.js';
import {
  Database,
  DatabaseMetrics,
  InstallationMarks,
  LaneSignals,
} from '../../apps/gateway/src/platform/database/index.js';
import { Deadline } from '../../apps/gateway/src/platform/deadline/index.js';
import type { AppError } from '../../apps/gateway/src/platform/errors/index.js';
import { Ids, readId, showId } from '../../apps/gateway/src/platform/ids/index.js';
import { Log } from '../../apps/gateway/src/platform/logging/index.js';
import { ProcessIdentity } from '../../apps/gateway/src/platform/process/index.js';
import type { Caller } from '../../apps/gateway/src/tenants/index.js';
import { testConfiguration } from '../support/configuration.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let testDatabase: TestDatabase;
let database: Database;
let messages: MessageIntake;
let batches: BatchIntake;
let accounts: SendingAccount[];
let caller: Caller;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const { address } = testDatabase;
  const log = Log.create({ level: 'silent', format: 'json' });
  database = new Database(address, new InstallationMarks(testConfiguration(), log), log);
  const limits = { acceptQueueRows: 10_000, tenantQueueRows: 10_000, batchMessages: 1_000 };
  const configuration = { limits } as unknown as Configuration;
  const ids = new Ids(new Clock());
  const signals = new LaneSignals(address, log);
  const claims = new ClaimReader(database);
  const acceptor = new MessageAcceptor(
    database,
    signals,
    ids,
    new ProcessIdentity(),
    claims,
    configuration,
    new DatabaseMetrics(database, new Metrics()),
  );
  const directory = { forTenant: async () => accounts } as unknown as AccountDirectory;
  const contexts = new DraftingContexts(directory);
  const reader = new MessageReader(database, new WaitingReader());
  const admission = new Admission(configuration);
  messages = new MessageIntake(admission, contexts, acceptor, claims, reader, ids);
  batches = new BatchIntake(admission, contexts, acceptor, claims, reader, ids, configuration);
});

afterAll(async () => {
  await database.onApplicationShutdown();
  await testDatabase.drop();
});

beforeEach(async () => {
  const tenantId = randomUUID();
  const accountId = randomUUID();
  await testDatabase.query('insert into tenants (id, name) values ($1::uuid, $1::text)', [
    tenantId,
  ]);
  await testDatabase.query(
    `with state as (insert into connection_states (fingerprint) values (decode(replace($2::text, '-', ''), 'hex')) returning fingerprint),
      connection as (insert into connections (id, tenant_id, name, sealed_key, fingerprint)
        select $2::uuid, $1::uuid, 'c', 'x', fingerprint from state returning id),
      account as (insert into accounts (tenant_id, id, connection_id, name) select $1::uuid, $2::uuid, id, 'a' from connection returning connection_id)
    insert into lanes (tenant_id, account_id, connection_id) select $1::uuid, $2::uuid, connection_id from account`,
    [tenantId, accountId],
  );
  accounts = [
    {
      id: accountId,
      connectionId: accountId,
      name: 'a',
      senders: [],
      defaultSender: 'Shop',
      defaultCategory: 'transactional',
      defaultDeliveryMode: null,
      whenPaused: 'hold',
      pause: null,
    },
  ];
  caller = {
    tenantId,
    apiKeyId: randomUUID(),
    accountIds: null,
    defaultDeliveryMode: 'at_most_once',
  } as unknown as Caller;
});

/** The tenant's second account, and keys that may use the one and the other. */
async function secondAccount() {
  const id = randomUUID();
  await testDatabase.query(
    `with state as (insert into connection_states (fingerprint) values (decode(replace($2::text, '-', ''), 'hex')) returning fingerprint),
      connection as (insert into connections (id, tenant_id, name, sealed_key, fingerprint)
        select $2::uuid, $1::uuid, 'c', 'x', fingerprint from state returning id),
      account as (insert into accounts (tenant_id, id, connection_id, name) select $1::uuid, $2::uuid, id, 'b' from connection returning connection_id)
    insert into lanes (tenant_id, account_id, connection_id) select $1::uuid, $2::uuid, connection_id from account`,
    [caller.tenantId, id],
  );
  const first = accounts[0]!;
  accounts = [first, { ...first, id, connectionId: id, name: 'b' }];
  return { first: first.id, second: id, shown: showId('acc', id) };
}

function restrictTo(...accountIds: string[]): void {
  caller = { ...caller, accountIds };
}

const hello = { recipient: '+380671234567', text: 'Hello' };

function submission(body: unknown, idempotencyKey: string | null = null) {
  return { caller, body, idempotencyKey, requestId: 'req-1', deadline: Deadline.in(60_000) };
}

async function send(body: unknown, key: string | null = null) {
  const { accepted, isReplay } = await messages.take(submission(body, key));
  return { bytes: JSON.stringify(showMessage(accepted, progressAtAcceptance(accepted))), isReplay };
}

async function sendBatch(body: unknown, key: string | null = null) {
  const { results, isReplay } = await batches.take(submission(body, key));
  const shown = showBatch(results);
  return { shown, bytes: JSON.stringify(shown), isReplay };
}

async function stored(): Promise<number> {
  const rows = await testDatabase.query<{ count: string }>(
    'select count(*) from messages where tenant_id = $1',
    [caller.tenantId],
  );
  return Number(rows[0]!.count);
}

/** How many of the messages that the outcome names exist. */
async function existing(outcome: { results: { id?: string }[] }): Promise<number> {
  const ids = outcome.results.flatMap(({ id }) => (id === undefined ? [] : [readId('msg', id)]));
  const rows = await testDatabase.query('select 1 from messages where id = any ($1::uuid[])', [
    ids,
  ]);
  return rows.length;
}

async function codeOf(sending: Promise<unknown>): Promise<string> {
  return sending.then(
    () => 'accepted',
    (error: AppError) => error.code,
  );
}

describe('a message that is sent under an idempotency key', () => {
  const body = { ...hello, metadata: { zebra: '1', a: '2', bb: '3' }, client_reference: 'order-1' };

  it('is stored once, and the second answer equals the first to the byte', async () => {
    const first = await send(body, 'key-1');
    const second = await send({ ...body }, 'key-1');
    expect(second.bytes).toBe(first.bytes);
    expect([first.isReplay, second.isReplay]).toEqual([false, true]);
    expect(await stored()).toBe(1);
  });

  it('is answered as at first after it moved on', async () => {
    const first = await send(
      { ...body, send_at: new Date(Date.now() + 60_000).toISOString() },
      'key-1',
    );
    await testDatabase.query(
      `update messages set status = 'delivered', final_at = now(), attempts = 1 where tenant_id = $1`,
      [caller.tenantId],
    );
    const again = { ...body, send_at: JSON.parse(first.bytes).send_at as string };
    expect((await send(again, 'key-1')).bytes).toBe(first.bytes);
    expect(JSON.parse(first.bytes)).toMatchObject({ status: 'scheduled', is_final: false });
  });

  it('is answered as at first when it could not be accepted any more', async () => {
    const first = await send(body, 'key-1');
    accounts = [];
    expect((await send(body, 'key-1')).bytes).toBe(first.bytes);
    expect(await codeOf(send(body, 'key-2'))).toBe('account_required');
    expect(await codeOf(send({ ...body, text: 'Other' }, 'key-1'))).toBe('idempotency_key_reused');
  });

  it('cannot be another message', async () => {
    await send(body, 'key-1');
    expect(await codeOf(send({ ...body, text: 'Other' }, 'key-1'))).toBe('idempotency_key_reused');
    expect(await stored()).toBe(1);
  });
});

describe('a batch', () => {
  it('accepts the good ones and says of each bad one what is wrong and where', async () => {
    const { shown } = await sendBatch({
      defaults: { category: 'promotional', image_url: 'https://shop.example/a.jpg' },
      messages: [
        { ...hello, image_url: null },
        { ...hello, recipient: '067' },
        { ...hello, surprise: 1 },
        'nonsense',
        hello,
        { ...hello, image_url: 'https://shop.example/b.jpg' },
        { ...hello, image_url: null, category: 'transactional' },
      ],
    });
    expect(shown).toMatchObject({ accepted: 2, refused: 5 });
    const told = shown.results.map(({ index, id, error }) => [
      index,
      id === undefined
        ? error!.errors!.map(({ pointer, code }) => `${pointer} ${code}`).join()
        : 'accepted',
    ]);
    expect(told).toEqual([
      [0, 'accepted'],
      [1, '/messages/1/recipient invalid_recipient'],
      [2, '/messages/2/surprise unknown_field'],
      [3, '/messages/3 invalid_type'],
      [4, '/messages/4/button content_not_allowed'],
      [5, '/messages/5/button content_not_allowed'],
      [6, 'accepted'],
    ]);
    expect(await stored()).toBe(2);
  });

  it('points to the default that is to blame', async () => {
    const { shown } = await sendBatch({
      defaults: { account_id: 'acc_nonsense' },
      messages: [hello],
    });
    expect(shown.results[0]!.error).toMatchObject({
      code: 'account_unknown',
      errors: [{ pointer: '/defaults/account_id' }],
    });
  });

  it.each([
    ['no object', [], ''],
    ['no messages', {}, '/messages'],
    ['an empty list', { messages: [] }, '/messages'],
    ['a thousand and one', { messages: Array.from({ length: 1_001 }, () => hello) }, '/messages'],
    ['no list', { messages: hello }, '/messages'],
    ['an unknown field', { messages: [hello], extra: 1 }, '/extra'],
    [
      'a default that is wrong',
      { defaults: { priority: 'high' }, messages: [hello] },
      '/defaults/priority',
    ],
    ['a default recipient', { defaults: hello, messages: [hello] }, '/defaults/recipient'],
  ])('is refused whole for its envelope: %s', async (_what, body, pointer) => {
    const error = await batches.take(submission(body)).catch((refusal: AppError) => refusal);
    expect(error).toMatchObject({ code: 'invalid_request', errors: [{ pointer }] });
    expect(await stored()).toBe(0);
  });

  it('answers a repeated request to the byte, whatever its messages came to', async () => {
    const earlier = await send(hello, 'single');
    await send({ ...hello, text: 'First' }, 'taken');
    const body = {
      messages: [
        hello,
        { ...hello, recipient: 'nobody' },
        { ...hello, idempotency_key: 'single' },
        { ...hello, idempotency_key: 'taken' },
        { ...hello, idempotency_key: 'new' },
        { ...hello, idempotency_key: 'new' },
        { ...hello, text: 'Other', idempotency_key: 'new' },
      ],
    };
    const first = await sendBatch(body, 'batch');
    expect(first.isReplay).toBe(false);
    expect(first.shown).toMatchObject({ accepted: 4, refused: 3 });
    expect(first.shown.results[2]!.id).toBe(JSON.parse(earlier.bytes).id);
    expect(first.shown.results[3]!.error!.code).toBe('idempotency_key_reused');
    expect(first.shown.results[5]!.id).toBe(first.shown.results[4]!.id);
    expect(first.shown.results[6]!.error!.code).toBe('idempotency_key_reused');
    const count = await stored();
    accounts = [];
    const second = await sendBatch(structuredClone(body), 'batch');
    expect(second.isReplay).toBe(true);
    expect(second.bytes).toBe(first.bytes);
    expect(await stored()).toBe(count);
  });

  it('keeps the refusal of all its messages with its key', async () => {
    const body = { messages: [{ recipient: '067' }] };
    const first = await sendBatch(body, 'refused');
    const second = await sendBatch(body, 'refused');
    expect([first.isReplay, second.isReplay]).toEqual([false, true]);
    expect(second.bytes).toBe(first.bytes);
    expect(await codeOf(sendBatch({ messages: [hello] }, 'refused'))).toBe(
      'idempotency_key_reused',
    );
  });

  it('names in its first answer only messages that are stored, where the key of the first one stands already', async () => {
    const body = { ...hello, idempotency_key: 'ord-1' };
    const earlier = (await sendBatch({ messages: [body] })).shown.results[0]!.id;
    const again = { messages: [body, hello] };
    const first = await sendBatch(again, 'bkA');
    expect(first.shown.results.map(({ id }) => id)).toEqual([earlier, expect.any(String)]);
    expect(await existing(first.shown)).toBe(2);
    const second = await sendBatch(again, 'bkA');
    expect([second.isReplay, second.bytes]).toEqual([true, first.bytes]);

    const changed = { messages: [{ ...body, text: 'Changed' }, hello] };
    const refused = await sendBatch(changed, 'bkB');
    expect(refused.shown).toMatchObject({
      accepted: 1,
      refused: 1,
      results: [
        {
          index: 0,
          error: {
            code: 'idempotency_key_reused',
            errors: [{ pointer: '/messages/0/idempotency_key' }],
          },
        },
        { index: 1 },
      ],
    });
    expect(await existing(refused.shown)).toBe(1);
    expect((await sendBatch(changed, 'bkB')).bytes).toBe(refused.bytes);
  });

  it('is refused where one of its messages repeats the key of the batch itself', async () => {
    const body = { messages: [hello, { ...hello, idempotency_key: 'same' }] };
    const error = await batches
      .take(submission(body, 'same'))
      .catch((refusal: AppError) => refusal);
    expect(error).toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '/messages/1/idempotency_key', code: 'not_unique' }],
    });
    expect(await stored()).toBe(0);
  });

  it('does not name a message that was never stored, when an older key is forgotten before its own', async () => {
    await send(hello, 'older');
    const body = { messages: [{ ...hello, idempotency_key: 'older' }] };
    const first = await sendBatch(body, 'batch');
    expect(await existing(first.shown)).toBe(1);
    await testDatabase.query(
      `delete from idempotency_keys where tenant_id = $1 and key = 'older'`,
      [caller.tenantId],
    );
    const { shown } = await sendBatch(body, 'batch');
    expect(shown.results[0]!.error!.code).toBe('idempotency_key_forgotten');
  });

  it('repeats a message under its own key where it can no longer be drafted', async () => {
    const body = { messages: [{ ...hello, idempotency_key: 'own' }] };
    const first = await sendBatch(body);
    accounts = [];
    const second = await sendBatch(body);
    expect(second.shown).toEqual(first.shown);
    expect(readId('msg', second.shown.results[0]!.id!)).not.toBeNull();
    const other = await sendBatch({
      messages: [{ ...hello, text: 'Other', idempotency_key: 'own' }],
    });
    expect(other.shown.results[0]!.error!.code).toBe('idempotency_key_reused');
  });

  it('takes a thousand messages in their order', async () => {
    const body = {
      defaults: { text: 'Hello' },
      messages: Array.from({ length: 1_000 }, (_, n) => ({ recipient: 380_670_000_000 + n })),
    };
    const { shown } = await sendBatch(body);
    expect(shown.accepted).toBe(1_000);
    const rows = await testDatabase.query<{ recipient: string }>(
      'select m.recipient from outgoing q join messages m on m.tenant_id = q.tenant_id and m.id = q.message_id where q.tenant_id = $1 order by q.pos',
      [caller.tenantId],
    );
    expect(rows.map(({ recipient }) => Number(recipient))).toEqual(
      body.messages.map(({ recipient }) => recipient),
    );
  });
});

describe('a key that is restricted to accounts', () => {
  it('is not told of a message on another account that stands under an idempotency key', async () => {
    const { first, second, shown } = await secondAccount();
    const body = { ...hello, account_id: shown };
    const sent = await send(body, 'iso1');
    restrictTo(first);
    const error = await messages
      .take(submission(body, 'iso1'))
      .catch((refusal: AppError) => refusal);
    expect(error).toMatchObject({ code: 'account_unknown', pointer: '/account_id' });
    restrictTo(second);
    expect((await send(body, 'iso1')).bytes).toBe(sent.bytes);
  });

  it('is not told of it either where the request itself could be accepted', async () => {
    const { first, second } = await secondAccount();
    // Without an account it goes to the only one that the key may use.
    restrictTo(second);
    await send(hello, 'iso2');
    restrictTo(first);
    const error = await messages
      .take(submission(hello, 'iso2'))
      .catch((refusal: AppError) => refusal);
    expect(error).toMatchObject({ code: 'account_unknown', pointer: '/account_id' });
    expect(await stored()).toBe(1);
    const { shown } = await sendBatch({ messages: [{ ...hello, idempotency_key: 'iso2' }] });
    expect(shown.results[0]!.error).toMatchObject({
      code: 'account_unknown',
      errors: [{ pointer: '/messages/0/account_id' }],
    });
    expect(await stored()).toBe(1);
  });

  it('is not told of the messages of a batch on another account', async () => {
    const { first, shown } = await secondAccount();
    const one = { ...hello, account_id: showId('acc', first) };
    const other = { ...hello, account_id: shown };
    const body = { messages: [one, other, { ...other, idempotency_key: 'iso4' }] };
    const sent = await sendBatch(body, 'iso3');
    expect(sent.shown.accepted).toBe(3);
    restrictTo(first);
    const seen = await sendBatch(body, 'iso3');
    expect(seen.shown.results.map(({ id, error }) => id ?? error!.code)).toEqual([
      sent.shown.results[0]!.id,
      'account_unknown',
      'account_unknown',
    ]);
  });
});
