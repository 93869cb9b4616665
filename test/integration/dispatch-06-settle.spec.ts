import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { LaneState } from '../../apps/gateway/src/lanes/lane-state.js';
import { Settler } from '../../apps/gateway/src/lanes/settler.js';
import { EvidenceMerger } from '../../apps/gateway/src/messages/index.js';
import { Database, DatabaseMetrics } from '../../apps/gateway/src/platform/database/index.js';
import { readId } from '../../apps/gateway/src/platform/ids/index.js';
import { Log } from '../../apps/gateway/src/platform/logging/index.js';
import { LaneQueue, QueueRows, type Outcome } from '../../apps/gateway/src/queue/index.js';
import { ReceiptFold } from '../../apps/gateway/src/receipts/receipt-fold.js';
import { closeGate, waitsForLock } from '../support/commit-gate.js';
import { createTenant, eventually, type TestTenant } from '../support/gateway.js';
import { skipTime } from '../support/monotonic-time.js';
import type { ProviderRequest } from '../support/provider.js';
import { read, send } from '../support/steps.js';
import { callbackUrl, tell, World } from '../support/world.js';

const rateLimited =
  '{"name":"Too Many Requests","message":"Rate limit exceeded.","code":0,"status":429}';

/** The provider's number for it. */
const delivered = 1;

let world: World;
/** Sends that wait for their answers. */
let asked: ProviderRequest[];

beforeEach(async () => {
  world = await World.start();
  asked = [];
  world.onSend = (request) => asked.push(request);
});

afterEach(async () => {
  // Nobody waits for the time-outs of what was left without an answer.
  for (const request of asked) request.reset();
  await world.close();
});

async function sendAll(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await world.send({ text: `m${n}` }));
  await world.steps.own();
  await world.steps.pump();
  await eventually(async () => asked.length === count, { what: 'all on the wire' });
  return ids;
}

const requestOf = (text: string): ProviderRequest => {
  const request = asked.find(({ body }) => body['text'] === text);
  if (!request) throw new Error(`${text} was not sent`);
  return request;
};

const statusOf = async (id: string | undefined) => (await world.read(id as string)).status;

describe('DISPATCH 6: the token, never the time', () => {
  it('settles however late the answer comes, while nobody else has taken the lane', async () => {
    const [id] = await sendAll(1);
    skipTime(world.steps.gateway, 60_000);
    await world.database.query(`update workers set heartbeat_at = app_clock() - interval '1 hour'`);
    requestOf('m0').accept(77);
    await world.steps.settled();
    expect(await world.read(id as string)).toMatchObject({
      status: 'sent',
      provider_message_id: '77',
    });
    expect(await world.count('outgoing')).toBe(0);
    expect(await world.count('intents')).toBe(0);
  });

  it.each<[string, string]>([
    ['the token has grown', 'update lanes set token = token + 1'],
    ['the lane carries another name', 'update lanes set owner = gen_random_uuid()'],
  ])(
    'changes neither queue nor intents nor awaiting where %s, however young the lease',
    async (_, statement) => {
      const [id] = await sendAll(1);
      await world.database.query(statement);
      const before = await world.database.query('select * from outgoing cross join intents');
      requestOf('m0').accept(77);
      await world.steps.settled();
      expect(await world.database.query('select * from outgoing cross join intents')).toEqual(
        before,
      );
      expect(await world.count('awaiting')).toBe(0);
      expect(await statusOf(id)).toBe('sending');
      expect(world.steps.lanes.size).toBe(0);
    },
  );
});

describe('DISPATCH 6: several lanes at once, a verdict for each caller', () => {
  let other: TestTenant;

  beforeEach(async () => {
    other = await createTenant(world.steps.gateway, {}, 'Other tenant');
    await world.setRate(5_000);
  });

  const finished = (tenant: TestTenant, id: string): { lane: LaneState; outcome: Outcome } => {
    const lane = world.steps.lanes.find(readId('acc', tenant.accountId) as string);
    return {
      lane: lane as LaneState,
      outcome: {
        tenantId: readId('ten', tenant.id) as string,
        messageId: readId('msg', id) as string,
        attempt: 1,
        outcome: 'accepted',
        providerMessageId: String(world.nextId()),
        code: null,
        eventId: randomUUID(),
        eventType: 'attempt',
        at: new Date(),
        detail: {},
      },
    };
  };

  async function bothOnTheWire(): Promise<[string, string]> {
    const mine = await world.send({ text: 'mine' });
    const theirs = await send(world.steps.gateway, other, { text: 'theirs' });
    await world.steps.own();
    await world.steps.pump();
    await eventually(async () => asked.length === 2, { what: 'both on the wire' });
    return [mine, theirs];
  }

  const settleTogether = (...pieces: { lane: LaneState; outcome: Outcome }[]) =>
    Promise.all(
      pieces.map(({ lane, outcome }) =>
        world.steps.gateway
          .get(Settler)
          .settle({ lane, outcome, intentId: [...lane.intents.keys()][0] as string }),
      ),
    );

  it('a lane that was lost fences its own callers, and none of the others', async () => {
    const [mine, theirs] = await bothOnTheWire();
    await world.database.query('update lanes set token = token + 1 where account_id = $1', [
      readId('acc', world.tenant.accountId),
    ]);
    const verdicts = await settleTogether(finished(world.tenant, mine), finished(other, theirs));
    expect(verdicts).toEqual(['fenced', 'sent']);
    expect(await statusOf(mine)).toBe('sending');
    expect((await read(world.steps.gateway, other, theirs)).status).toBe('sent');
    expect(await world.count('intents')).toBe(1);
    expect(await world.count('outgoing')).toBe(1);
  });

  it('of two leases of the same lane in one flush, only the one that holds it settles', async () => {
    // Of two messages: two outcomes of one would fail the flush, and each would be tried alone.
    const [held, fenced] = (await sendAll(2)) as [string, string];
    const piece = finished(world.tenant, held);
    const former = Object.assign(Object.create(Object.getPrototypeOf(piece.lane)), piece.lane, {
      lease: { ...piece.lane.lease, token: piece.lane.lease.token - 1 },
    }) as LaneState;
    const { outcome } = finished(world.tenant, fenced);
    const verdicts = await settleTogether({ lane: former, outcome }, piece);
    expect(verdicts).toEqual(['fenced', 'sent']);
    expect(await statusOf(fenced)).toBe('sending');
    expect(await statusOf(held)).toBe('sent');
  });

  it('in one transaction: both outcomes, or none', async () => {
    const [mine, theirs] = await bothOnTheWire();
    await settleTogether(finished(world.tenant, mine), finished(other, theirs));
    const [row] = await world.database.query<{ transactions: number }>(
      'select count(distinct xmin::text)::int as transactions from awaiting',
    );
    expect(await world.count('awaiting')).toBe(2);
    expect(row?.transactions).toBe(1);
  });
});

describe('DISPATCH 6: what is written', () => {
  it('each outcome in its place; the intent goes with its last id', async () => {
    const [sent, refused, again, unknown] = await sendAll(4);
    expect(await world.count('intents')).toBe(1);
    requestOf('m0').accept(1);
    requestOf('m1').answer(
      200,
      '{"name":"Invalid Parameter: [text]","message":"","code":1,"status":400}',
    );
    requestOf('m3').reset();
    await eventually(async () => (await world.count('outgoing')) === 1, { what: 'three settled' });
    expect(await world.count('intents')).toBe(1);
    expect(await statusOf(again)).toBe('sending');
    world.steps.letNothingMoreOut();
    requestOf('m2').answer(429, rateLimited);
    await world.steps.settled();
    expect(await world.count('intents')).toBe(0);
    expect(await Promise.all([sent, refused, again, unknown].map(statusOf))).toEqual([
      'sent',
      'rejected',
      'queued',
      'uncertain',
    ]);
    const [row] = await world.database.query<{ attempt: number; maybe_sent: boolean }>(
      'select attempt, maybe_sent from outgoing',
    );
    expect(row).toEqual({ attempt: 2, maybe_sent: false });
  });

  // A grace of 45 s, and 30 s that a send needs.
  it.each([
    ['at_least_once', 95, 1],
    ['at_least_once', 74, 0],
    ['at_most_once', 3_600, 0],
  ])(
    'an unknown outcome, %s with %i s of validity left, as uncertain with %i further attempts to come',
    async (delivery_mode, secondsLeft, graces) => {
      const id = await world.send({ text: 'm', delivery_mode });
      await world.steps.own();
      await world.steps.pump();
      await eventually(async () => asked.length === 1, { what: 'the message on the wire' });
      await world.database.query(
        `update outgoing set expires_at = app_clock() + make_interval(secs => $1)`,
        [secondsLeft],
      );
      requestOf('m').reset();
      await world.steps.settled();
      expect(await world.read(id)).toMatchObject({ status: 'uncertain', is_final: false });
      expect(await world.count('awaiting where retry_at is not null')).toBe(graces);
      expect(await world.count('outgoing')).toBe(0);
    },
  );

  it('nothing where the row carries another attempt by now', async () => {
    const [id] = await sendAll(1);
    await world.database.query('update outgoing set attempt = 2');
    requestOf('m0').answer(429, rateLimited);
    await world.steps.settled();
    const [row] = await world.database.query<{ attempt: number }>('select attempt from outgoing');
    expect(row?.attempt).toBe(2);
    expect(await statusOf(id)).toBe('queued');
  });
});

describe('DISPATCH 6: an outcome is never given up for what the timeline would tell beside it', () => {
  const answerWith = (text: string): string =>
    JSON.stringify({ name: 'Invalid Parameter: [text]', message: text, code: 1, status: 400 });

  it.each([
    ['a character in the middle of the cut', `${'x'.repeat(450)}${'😀'.repeat(40)}`],
    ['half a character', 'x\ud83dx'],
  ])('the provider answers with %s', async (_, text) => {
    const [refused, other] = await sendAll(2);
    requestOf('m0').answer(400, answerWith(text));
    await eventually(async () => (await world.count('outgoing')) === 1, { what: 'one settled' });
    expect(await statusOf(refused)).toBe('rejected');
    expect(world.steps.lanes.size).toBe(1);
    requestOf('m1').accept(1);
    await world.steps.settled();
    expect(await statusOf(other)).toBe('sent');
  });

  it('the database does not take the details: the outcome stands without them, and so do all others', async () => {
    const [id, other] = await sendAll(2);
    const [lane] = world.steps.lanes.all() as [LaneState];
    const [intentId] = lane.intents.keys();
    const settle = (message: string | undefined, detail: Record<string, unknown>) =>
      world.steps.gateway.get(Settler).settle({
        lane,
        intentId: intentId as string,
        outcome: {
          tenantId: lane.lease.tenantId,
          messageId: readId('msg', message as string) as string,
          attempt: 1,
          outcome: 'accepted',
          providerMessageId: String(world.nextId()),
          code: null,
          eventId: randomUUID(),
          eventType: 'attempt',
          at: new Date(),
          detail,
        },
      });
    expect(
      await Promise.all([settle(id, { answer: 'a NUL: \0' }), settle(other, { answer: 'fine' })]),
    ).toEqual(['sent', 'sent']);
    expect(await world.count(`events where detail ->> 'answer' = 'fine'`)).toBe(1);
    expect(await world.count('awaiting where provider_message_id is not null')).toBe(2);
    expect(await world.count('intents')).toBe(0);
  });
});

describe('DISPATCH 6: the last id of an intent takes it along', () => {
  it.each([
    ['m0', 'm1'],
    ['m1', 'm0'],
  ])(
    'also where two settles of it run side by side: %s is in its COMMIT when %s comes',
    async (first, second) => {
      await sendAll(2);
      const { gateway } = world.steps;
      // Set aside for a lock, a settle runs beside the others.
      const aside = new Settler(
        gateway.get(Database),
        gateway.get(LaneQueue),
        gateway.get(QueueRows),
        gateway.get(EvidenceMerger),
        gateway.get<Log>(Log as never),
        gateway.get(DatabaseMetrics),
      );
      const [lane] = world.steps.lanes.all() as [LaneState];
      const [intentId] = lane.intents.keys();
      const piece = async (text: string) => {
        const [row] = await world.database.query<{ id: string }>(
          'select id from messages where text = $1',
          [text],
        );
        return {
          lane,
          intentId: intentId as string,
          outcome: {
            tenantId: lane.lease.tenantId,
            messageId: row?.id as string,
            attempt: 1,
            outcome: 'accepted' as const,
            providerMessageId: text,
            code: null,
            eventId: randomUUID(),
            eventType: 'attempt' as const,
            at: new Date(),
            detail: {},
          },
        };
      };
      const pieces = [await piece(first), await piece(second)] as const;
      const gate = await closeGate(
        world.database,
        'insert on awaiting',
        `new.provider_message_id = '${first}'`,
      );
      const settling = [aside.settle(pieces[0])];
      await gate.reached();
      settling.push(gateway.get(Settler).settle(pieces[1]));
      await Promise.race([settling[1], waitsForLock(world.database, 'transactionid')]);
      await gate.open();
      expect(await Promise.all(settling)).toEqual(['sent', 'sent']);
      expect(await world.count('outgoing')).toBe(0);
      expect(await world.count('intents')).toBe(0);
    },
  );
});

describe('DISPATCH 6: a callback that is folded at the same moment', () => {
  it('is waited for: what it has ended is not followed any more', async () => {
    const [id] = await sendAll(1);
    await tell(callbackUrl(requestOf('m0')), delivered, 77);
    const gate = await closeGate(world.database, 'update on receipts');
    const folding = world.steps.gateway.get(ReceiptFold).runOnce();
    await gate.reached();
    requestOf('m0').accept(77);
    await waitsForLock(world.database, 'transactionid');
    await gate.open();
    await folding;
    await world.steps.settled();
    expect((await world.read(id as string)).status).toBe('delivered');
    expect(await world.count('awaiting')).toBe(0);
    expect(await world.count(`outbox where type = 'message.sent'`)).toBe(0);
    expect(await world.count('intents')).toBe(0);
  });
});
