import { Module, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '../platform/config/index.js';
import { NotFound } from '../platform/errors/index.js';
import { configureHttpApp, createHttpAdapter, httpAppOptions } from '../platform/http/index.js';
import { showId } from '../platform/ids/index.js';
import { LifecycleModule } from '../platform/lifecycle/index.js';
import { Log } from '../platform/logging/index.js';
import { ApiKeyGuard } from '../tenants/index.js';
import { BatchIntake } from './batch-intake.js';
import { smallestIdAt } from './id-time.js';
import { MessageCanceller } from './message-canceller.js';
import { MessageIntake, type Submission } from './message-intake.js';
import { MessageReader, type MessageFilters } from './message-reader.js';
import { progressAtAcceptance } from './message.js';
import { MessagesController } from './messages.controller.js';
import type { NewMessage } from './new-message.js';

const accepted: NewMessage = {
  tenantId: '01900000-0000-7000-8000-0000000000f0',
  id: smallestIdAt(Date.parse('2026-03-01T09:00:00Z')),
  accountId: '01900000-0000-7000-8000-00000000000a',
  apiKeyId: '01900000-0000-7000-8000-0000000000b0',
  acceptedAt: '2026-03-01T09:00:00.000Z',
  sender: 'Custom Co',
  recipient: '380671234567',
  category: 'transactional',
  class: 1,
  twoWay: false,
  providerMessageType: 106,
  deliveryMode: 'at_most_once',
  text: 'Hello',
  imageUrl: null,
  buttonCaption: null,
  buttonUrl: null,
  fileUrl: null,
  fallbackSmsText: null,
  validitySeconds: 3_600,
  sendAt: null,
  expiresAt: '2026-03-01T10:00:00.000Z',
  clientReference: null,
  groupName: null,
  metadata: null,
  requestId: 'req-1',
};
const message = { accepted, progress: progressAtAcceptance(accepted) };
const id = showId('msg', accepted.id);

const seen: {
  submission?: Submission;
  filters?: MessageFilters;
  page?: unknown;
  cancelled?: unknown[];
} = {};
let isReplay = false;
let nextBefore: string | null = null;

const intake = {
  take: async (submission: Submission) => {
    seen.submission = submission;
    return { accepted, isReplay };
  },
};
const batches = {
  take: async (submission: Submission) => {
    seen.submission = submission;
    return { results: [{ id: accepted.id }], isReplay };
  },
};
const reader = {
  get: async (_viewer: unknown, wanted: string) => {
    if (wanted !== accepted.id) throw new NotFound();
    return message;
  },
  list: async (_viewer: unknown, filters: MessageFilters, page: unknown) => {
    Object.assign(seen, { filters, page });
    return { messages: [message], nextBefore };
  },
  history: async (_viewer: unknown, wanted: string) => {
    if (wanted !== accepted.id) throw new NotFound();
    const since = new Date(Date.parse(accepted.acceptedAt));
    const waiting = { reason: 'account_paused', since, at: new Date(since.getTime() + 1_500) };
    return { accepted, events: [], waiting };
  },
};
const canceller = {
  cancel: async (viewer: { tenantId: string }, wanted: string, apiKeyId: string) => {
    if (wanted !== accepted.id) throw new NotFound();
    seen.cancelled = [viewer.tenantId, wanted, apiKeyId];
    return message;
  },
};

class SignsEverybodyIn implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const caller = { tenantId: accepted.tenantId, apiKeyId: accepted.apiKeyId, accountIds: null };
    Object.assign(context.switchToHttp().getRequest<object>(), { caller });
    return true;
  }
}

let app: NestFastifyApplication;

beforeAll(async () => {
  @Module({
    imports: [LifecycleModule],
    controllers: [MessagesController],
    providers: [
      { provide: Log, useValue: Log.create({ level: 'silent', format: 'json' }) },
      { provide: MessageIntake, useValue: intake },
      { provide: BatchIntake, useValue: batches },
      { provide: MessageReader, useValue: reader },
      { provide: MessageCanceller, useValue: canceller },
    ],
  })
  class Messages {}
  const testing = await Test.createTestingModule({ imports: [Messages] })
    .overrideGuard(ApiKeyGuard)
    .useValue(new SignsEverybodyIn())
    .compile();
  const { configuration } = loadConfiguration({ NODE_ENV: 'test' });
  app = testing.createNestApplication<NestFastifyApplication>(createHttpAdapter(configuration), {
    ...httpAppOptions,
    logger: false,
  });
  await configureHttpApp(app).init();
  await app.getHttpAdapter().getInstance().ready();
});

afterAll(() => app.close());

beforeEach(() => {
  isReplay = false;
  nextBefore = null;
});

function post(url: string, body: unknown, headers: Record<string, string> = {}) {
  const payload = JSON.stringify(body);
  return app.inject({
    method: 'POST',
    url,
    payload,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

describe('POST /v1/messages', () => {
  it('answers 202 with the whole message', async () => {
    const answer = await post('/v1/messages', { recipient: '+380671234567', text: 'Hello' });
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({
      id,
      status: 'queued',
      is_final: false,
      recipient: '+380671234567',
    });
    expect(answer.headers['idempotent-replayed']).toBeUndefined();
  });

  it('hands over the body as it was parsed, with its key, so that the hash is over what was sent', async () => {
    const body = { text: 'Hello', recipient: 380671234567, button: null, unknown: { a: 1 } };
    await post('/v1/messages', body, { 'idempotency-key': 'key-1' });
    expect(seen.submission).toMatchObject({ body, idempotencyKey: 'key-1' });
    expect(Object.keys(seen.submission!.body as object)).toEqual(Object.keys(body));
    await post('/v1/messages', body);
    expect(seen.submission!.idempotencyKey).toBeNull();
  });

  it('says so when it is the first answer again', async () => {
    const first = await post('/v1/messages', {});
    isReplay = true;
    const second = await post('/v1/messages', {});
    expect(second.headers['idempotent-replayed']).toBe('true');
    expect(second.body).toBe(first.body);
  });

  it.each(['', 'two words', 'ключ', 'a'.repeat(256)])(
    'refuses the idempotency key %p',
    async (key) => {
      const answer = await post(
        '/v1/messages',
        {},
        { 'idempotency-key': Buffer.from(key).toString('latin1') },
      );
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({
        code: 'invalid_idempotency_key',
        errors: [{ pointer: '/Idempotency-Key' }],
      });
    },
  );
});

describe('POST /v1/messages/batch', () => {
  it('answers 202 with a result for each message', async () => {
    isReplay = true;
    const answer = await post(
      '/v1/messages/batch',
      { messages: [{}] },
      { 'idempotency-key': 'key-1' },
    );
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toEqual({ accepted: 1, refused: 0, results: [{ index: 0, id }] });
    expect(answer.headers['idempotent-replayed']).toBe('true');
  });

  it('takes 8 MiB where a single message may be shorter only, and no more', async () => {
    const sized = (bytes: number) => ({ text: 'x'.repeat(bytes) });
    expect((await post('/v1/messages/batch', sized(7 * 2 ** 20))).statusCode).toBe(202);
    expect((await post('/v1/messages/batch', sized(9 * 2 ** 20))).json()).toMatchObject({
      status: 413,
      code: 'request_too_large',
    });
    expect((await post('/v1/messages', sized(7 * 2 ** 20))).statusCode).toBe(413);
  });
});

describe('one message', () => {
  it.each(['GET /v1/messages/X', 'GET /v1/messages/X/timeline', 'POST /v1/messages/X/cancel'])(
    'is the same 404 to the byte, absent or malformed: %s',
    async (route) => {
      const [method, path] = route.split(' ') as ['GET' | 'POST', string];
      const ids = [
        showId('msg', '01900000-0000-7000-8000-0000000000ee'),
        'msg_x',
        'nonsense',
        showId('acc', accepted.id),
        '%00',
      ];
      const answers = await Promise.all(
        ids.map((wanted) => app.inject({ method, url: path.replace('X', wanted) })),
      );
      expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`)).size).toBe(1);
      expect(answers[0]!.json()).toMatchObject({ status: 404, code: 'not_found' });
    },
  );

  it('is read, followed and cancelled under its id', async () => {
    expect((await app.inject(`/v1/messages/${id}`)).json()).toMatchObject({ id });
    const timeline = (await app.inject(`/v1/messages/${id}/timeline`)).json<{
      data: { type: string }[];
    }>();
    expect(timeline.data.map(({ type }) => type)).toEqual(['accepted', 'queued', 'waiting']);
    const cancelled = await app.inject({ method: 'POST', url: `/v1/messages/${id}/cancel` });
    expect(cancelled.statusCode).toBe(200);
    expect(seen.cancelled).toEqual([accepted.tenantId, accepted.id, accepted.apiKeyId]);
  });
});

describe('GET /v1/messages', () => {
  async function filtersOf(query: string): Promise<MessageFilters> {
    const answer = await app.inject(`/v1/messages?${query}`);
    expect([query, answer.statusCode]).toEqual([query, 200]);
    return seen.filters!;
  }

  it('shows a hundred of them by default and asks for no filter', async () => {
    expect(Object.values(await filtersOf('')).every((filter) => filter === null)).toBe(true);
    expect(seen.page).toEqual({ limit: 100, before: null });
  });

  it('takes filters in the forms that a message takes', async () => {
    for (const recipient of [
      '+380671234567',
      '%2B380671234567',
      '00380671234567',
      '380%2067%20123-45-67',
    ]) {
      expect((await filtersOf(`recipient=${recipient}`)).recipient).toBe('380671234567');
    }
    expect((await filtersOf('status=queued&status=sending')).statuses).toEqual([
      'queued',
      'sending',
    ]);
    expect((await filtersOf('status=sending,queued')).statuses).toEqual(['queued', 'sending']);
    expect(
      await filtersOf(`account_id=${showId('acc', accepted.accountId)}&sender=Custom%20Co`),
    ).toMatchObject({
      accountId: accepted.accountId,
      sender: 'Custom Co',
    });
    expect(
      await filtersOf(
        'created_after=2026-03-01T09:00:00Z&created_before=2026-03-01T11:00:00%2B01:00',
      ),
    ).toMatchObject({
      createdAfterMs: Date.parse('2026-03-01T09:00:00Z'),
      createdBeforeMs: Date.parse('2026-03-01T10:00:00Z'),
    });
  });

  it.each([
    ['limit=0', '/limit'],
    ['limit=501', '/limit'],
    ['limit=ten', '/limit'],
    ['status=flying', '/status'],
    ['status=queued,', '/status'],
    ['recipient=067', '/recipient'],
    ['recipient=%2B380671234567&recipient=%2B380671234568', '/recipient'],
    ['account_id=nonsense', '/account_id'],
    ['client_reference=', '/client_reference'],
    ['category=other', '/category'],
    ['created_after=yesterday', '/created_after'],
    ['surprise=1', '/surprise'],
  ])('refuses %s', async (query, pointer) => {
    const answer = await app.inject(`/v1/messages?${query}`);
    expect(answer.json()).toMatchObject({
      status: 400,
      code: 'invalid_request',
      errors: [{ pointer }],
    });
  });

  it.each([
    ['sender=%00', '/sender'],
    ['client_reference=a%00', '/client_reference'],
    ['provider_message_id=%00', '/provider_message_id'],
  ])('refuses what nothing stored can equal: %s', async (query, pointer) => {
    const answer = await app.inject(`/v1/messages?${query}`);
    expect(answer.json()).toMatchObject({
      status: 400,
      code: 'invalid_characters',
      errors: [{ pointer }],
    });
  });

  it('goes on where the page before ended, with the same filters only', async () => {
    nextBefore = '01900000-0000-7000-8000-000000000001';
    const first = await app.inject('/v1/messages?status=queued,sending&limit=1');
    const cursor = first.json<{ next_cursor: string }>().next_cursor;
    await filtersOf(`status=sending&status=queued&limit=50&cursor=${cursor}`);
    expect(seen.page).toEqual({ limit: 50, before: nextBefore });
    for (const query of [`cursor=${cursor}`, `status=queued&cursor=${cursor}`, 'cursor=nonsense']) {
      expect((await app.inject(`/v1/messages?${query}`)).json()).toMatchObject({
        status: 400,
        code: 'invalid_cursor',
        errors: [{ pointer: '/cursor' }],
      });
    }
  });
});
