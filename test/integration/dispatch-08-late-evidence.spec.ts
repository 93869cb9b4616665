import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/gateway.js';
import type { ProviderRequest } from '../support/provider.js';
import type { Steps } from '../support/steps.js';
import { World } from '../support/world.js';

const refusal = '{"name":"Invalid Parameter: [text]","message":"","code":1,"status":400}';
const rateLimited =
  '{"name":"Too Many Requests","message":"Rate limit exceeded.","code":0,"status":429}';

let world: World;
let heir: Steps;
/** Sends that wait for their answers. */
let asked: ProviderRequest[];

beforeEach(async () => {
  world = await World.start();
  heir = await world.worker();
  asked = [];
  world.onSend = (request) => asked.push(request);
});

afterEach(async () => {
  for (const request of asked) request.reset();
  await world.close();
});

/** The first owner is declared lost while its attempt is on the wire; the heir calls that attempt unknown. */
async function loseLaneWhileSending(
  message: Record<string, unknown> = {},
): Promise<{ id: string; late: ProviderRequest }> {
  const id = await world.send(message);
  await world.steps.own();
  await world.steps.pump();
  await eventually(async () => asked.length === 1, { what: 'the first attempt on the wire' });
  await world.database.query('update workers set lost_at = app_clock()');
  await heir.own();
  expect((await world.read(id)).status).toBe('uncertain');
  return { id, late: asked[0] as ProviderRequest };
}

/** The grace is over: the row stands in the queue again, for its second attempt. */
async function endGrace(): Promise<void> {
  await world.database.query('update awaiting set retry_at = app_clock()');
  await heir.beat();
  await heir.returnFromGrace();
  expect(await world.count('outgoing where attempt = 2')).toBe(1);
}

async function sendAgain(): Promise<ProviderRequest> {
  await heir.pump();
  await eventually(async () => asked.length === 2, { what: 'the second attempt on the wire' });
  return asked[1] as ProviderRequest;
}

const queueAndIntents = () =>
  world.database.query('select * from outgoing full join intents using (tenant_id, account_id)');

const status = async (id: string) => (await world.read(id)).status;

describe('DISPATCH 8: evidence resolves uncertain', () => {
  it.each<[string, (late: ProviderRequest) => void, object]>([
    ['a message_id', (late) => late.accept(815), { status: 'sent', provider_message_id: '815' }],
    ['a refusal', (late) => late.answer(200, refusal), { status: 'rejected', is_final: true }],
    [
      'surely not sent',
      (late) => late.answer(429, rateLimited),
      { status: 'failed', is_final: true, status_detail: { code: 'not_sent' } },
    ],
  ])('%s', async (_, answer, expected) => {
    const { id, late } = await loseLaneWhileSending();
    answer(late);
    await eventually(async () => (await status(id)) !== 'uncertain', { what: 'the evidence' });
    expect(await world.read(id)).toMatchObject({ ...expected, possible_duplicate: false });
    expect(await world.count(`events where type = 'former_owner' and applied`)).toBe(1);
    await heir.pump();
    expect(asked).toHaveLength(1);
  });

  it('no news is no evidence: an unknown outcome changes nothing', async () => {
    const { id, late } = await loseLaneWhileSending();
    const events = await world.count('events');
    late.reset();
    await world.steps.settled();
    expect(await status(id)).toBe('uncertain');
    expect(await world.count('events')).toBe(events);
  });

  it('a message_id in the grace ends it: no further attempt is made', async () => {
    const { id, late } = await loseLaneWhileSending({ delivery_mode: 'at_least_once' });
    late.accept(815);
    await eventually(async () => (await status(id)) === 'sent', { what: 'the evidence' });
    expect(await world.count('awaiting where retry_at is not null')).toBe(0);
    await world.database.moveClock(60_000);
    await heir.beat();
    await heir.returnFromGrace();
    await heir.pump();
    await heir.settled();
    expect(asked).toHaveLength(1);
  });

  it('surely not sent in the grace keeps the further attempt', async () => {
    const { id, late } = await loseLaneWhileSending({ delivery_mode: 'at_least_once' });
    late.answer(429, rateLimited);
    await world.steps.settled();
    expect(await status(id)).toBe('uncertain');
    await endGrace();
    (await sendAgain()).accept(2);
    await heir.settled();
    expect(await status(id)).toBe('sent');
  });
});

describe('DISPATCH 8: the queue and the intents belong to the present owner', () => {
  it.each<[string, (late: ProviderRequest) => void]>([
    ['a message_id', (late) => late.accept(815)],
    ['a refusal', (late) => late.answer(200, refusal)],
    ['surely not sent', (late) => late.answer(429, rateLimited)],
    ['an unknown outcome', (late) => late.reset()],
  ])('%s touches neither while the next attempt is on the wire', async (_, answer) => {
    const { id, late } = await loseLaneWhileSending({ delivery_mode: 'at_least_once' });
    await endGrace();
    const second = await sendAgain();
    const before = await queueAndIntents();
    expect(before).toHaveLength(1);
    answer(late);
    await eventually(async () => world.steps.lanes.size === 0, { what: 'the fenced settle' });
    expect(await queueAndIntents()).toEqual(before);
    expect(await status(id)).toBe('sending');
    second.accept(816);
    await heir.settled();
    expect(['sent', 'rejected']).toContain(await status(id));
    expect(await world.count('outgoing')).toBe(0);
    expect(await world.count('intents')).toBe(0);
  });

  it('what came while the next attempt was on the wire is not forgotten: it resolves what that one leaves unknown', async () => {
    const { id, late } = await loseLaneWhileSending({ delivery_mode: 'at_least_once' });
    await endGrace();
    const second = await sendAgain();
    late.accept(815);
    await eventually(async () => world.steps.lanes.size === 0, { what: 'the fenced settle' });
    second.reset();
    await heir.settled();
    await eventually(async () => (await status(id)) === 'sent', {
      what: 'the evidence',
      withinMs: 3_000,
    });
    expect(await world.read(id)).toMatchObject({
      provider_message_id: '815',
      possible_duplicate: true,
    });
    expect(await world.count('awaiting where retry_at is not null')).toBe(0);
  });

  it('surely not sent speaks of its own attempt only: after an unknown one the message stays uncertain', async () => {
    const { id } = await loseLaneWhileSending({ delivery_mode: 'at_least_once' });
    await endGrace();
    const second = await sendAgain();
    // The heir is lost as well, and there is no validity left for a third attempt.
    await world.database.query(
      `update outgoing set expires_at = app_clock() + interval '50 seconds'`,
    );
    await world.database.query('update workers set lost_at = app_clock()');
    const next = await world.worker();
    await next.own();
    expect(await world.count('awaiting where retry_at is null and attempt = 2')).toBe(1);
    second.answer(429, rateLimited);
    await heir.settled();
    expect(await world.read(id)).toMatchObject({ status: 'uncertain', is_final: false });
  });
});
