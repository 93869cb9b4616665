import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DriftCounter } from '../../apps/gateway/src/drift/drift-counter.js';
import { Poller } from '../../apps/gateway/src/lanes/poller.js';
import { OutboxRelay } from '../../apps/gateway/src/timeline/outbox-relay.js';
import { adminToken } from '../support/configuration.js';
import { call, eventually } from '../support/gateway.js';
import { pause } from '../support/steps.js';
import { callbackUrl, tell, World } from '../support/world.js';

interface Drift {
  readonly id: string;
  readonly kind: string;
  readonly place: string;
  readonly detail: string;
  readonly times: number;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  readonly sample: string | null;
}

interface DriftPage {
  readonly data: Drift[];
  readonly next_cursor: string | null;
}

const noTenant = '00000000-0000-0000-0000-000000000000';
const phone = '380671234567';
const words = 'Dinner with Olga';

let world: World;

beforeEach(async () => {
  world = await World.start();
});

afterEach(() => world.close());

async function sendOne(message: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const sends = world.sends.length;
  const id = await world.send(message);
  await world.steps.own();
  await world.steps.pump();
  await world.sent(sends + 1);
  await world.steps.settled();
  return id;
}

async function callBack(body: string): Promise<number> {
  const response = await fetch(callbackUrl(world.sends.at(-1)), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await response.arrayBuffer();
  return response.status;
}

const counter = (): DriftCounter => world.steps.gateway.get(DriftCounter);

function page(query = ''): Promise<DriftPage> {
  return call<DriftPage>(world.steps.gateway, 'GET', `/admin/drift${query}`, {
    token: adminToken,
    expect: 200,
  });
}

/** What operators are shown, after the counts were written. */
async function drift(): Promise<Drift[]> {
  await counter().runOnce();
  return (await page()).data;
}

async function lines(): Promise<string[]> {
  const shown = await drift();
  return shown.map((row) => `${row.place}: ${row.kind} ${row.detail} x${row.times}`).sort();
}

async function toldToday(): Promise<unknown[]> {
  return world.database.query(
    `select type, snapshot ->> 'kind' as kind, snapshot ->> 'detail' as detail from outbox where tenant_id = $1 order by id`,
    [noTenant],
  );
}

describe('the drift', () => {
  it('is empty while the provider keeps to its contract', async () => {
    await sendOne();
    expect(await tell(callbackUrl(world.sends[0]), 1, 1_001)).toBe(200);
    expect(await drift()).toEqual([]);
    expect(await toldToday()).toEqual([]);
  });

  it.each([
    ['an id as a string', 200, '{"message_id":"429"}', ['other_type message_id: string']],
    [
      'an id beyond 2^53',
      200,
      '{"message_id":9007199254740993}',
      ['other_type message_id: beyond 2^53'],
    ],
    ['a trailing comma', 200, '{"message_id":429,}', ['lenient_json trailing_comma']],
    ['an unknown member', 200, '{"message_id":429,"price":"0.01"}', ['unknown_field price']],
    ['an HTTP status', 418, '{"message_id":429}', ['http_status 418']],
    ['another shape', 200, '<html>Welcome</html>', ['other_shape not_json']],
  ])('lists %s in the answer to a send', async (_what, httpStatus, body, expected) => {
    world.onSend = (request) => request.answer(httpStatus, body);
    await sendOne();
    expect(await lines()).toEqual(expected.map((line) => `send_answer: ${line} x1`));
  });

  it('lists a status that nobody documented, in an answer and in a callback, each where it came', async () => {
    const id = await sendOne();
    world.onStatus = (request) => request.answer(200, '{"message_id":1001,"status":77}');
    await world.database.query('update awaiting set next_poll_at = app_clock()');
    await world.steps.refresh();
    await pause(5);
    await world.steps.gateway.get(Poller).runOnce();
    await eventually(async () =>
      world.steps.lanes.all().every((lane) => lane.pollsUnderWay.size === 0),
    );
    expect(await callBack('{"message_id":1001,"status":78}')).toBe(200);
    // The unknown one is kept with its message as it came.
    await world.fold();
    expect(await world.count(`awaiting where provider_status = '78'`)).toBe(1);
    expect((await world.read(id)).status).toBe('sent');
    expect(await lines()).toEqual([
      'status_answer: unknown_status status: 77 x1',
      'status_callback: unknown_status status: 78 x1',
    ]);
  });

  it('counts, and tells operators once a kind and UTC day', async () => {
    await sendOne();
    for (let times = 0; times < 3; times += 1)
      await callBack('{"message_id":1001,"status":0,"operator":1}');
    expect(await lines()).toEqual(['status_callback: unknown_field operator x3']);
    await callBack('{"message_id":1001,"status":0,"operator":1}');
    const [row] = await drift();
    expect(row?.times).toBe(4);
    expect(Date.parse(row?.last_seen_at ?? '')).toBeGreaterThan(
      Date.parse(row?.first_seen_at ?? ''),
    );
    const event = { type: 'drift.seen', kind: 'unknown_field', detail: 'operator' };
    expect(await toldToday()).toEqual([event]);

    await world.database.moveClock(24 * 3_600_000);
    await callBack('{"message_id":1001,"status":0,"operator":1}');
    expect((await drift())[0]?.times).toBe(5);
    expect(await toldToday()).toEqual([event, event]);
    await eventually(async () => {
      await world.steps.gateway.get(OutboxRelay).runOnce();
      return (await world.count(`feed where tenant_id = '${noTenant}'`)) === 2;
    });
  });

  it('shows no phone number, no text, no key and no callback mac', async () => {
    const key = `key-${world.tenant.id}`;
    world.onSend = (request) => {
      const echo = JSON.stringify({ ...request.body, key, text: words });
      request.answer(
        200,
        `{"message_id":429,"echo":${echo},"${phone}":1,} // for ${words}, ${phone}`,
      );
    };
    await sendOne({ recipient: `+${phone}`, text: words });
    await callBack(
      JSON.stringify({
        message_token: 5_741_311_803,
        phone_number: phone,
        time: 1_700_000_000,
        message: { text: words, tracking_data: words, mood: words },
      }),
    );
    const rows = await drift();
    expect(rows.map(({ kind, detail }) => `${kind} ${detail}`).sort()).toEqual([
      'lenient_json comment',
      'lenient_json trailing_comma',
      'unknown_field echo',
      'unknown_field message.mood',
      'unknown_field …',
    ]);
    const mac = callbackUrl(world.sends[0]).split('.').at(-1) as string;
    const everything = JSON.stringify([
      rows,
      await world.database.query('select * from drift'),
      await world.database.query(`select * from outbox where tenant_id = '${noTenant}'`),
    ]);
    for (const secret of [phone, words, 'Olga', key, mac, '5741311803']) {
      expect(everything).not.toContain(secret);
    }
    expect(everything).toContain('mood');
  });

  it('is bounded: what comes after the first thousand is counted as more', async () => {
    const deviation = (n: number) => ({ kind: 'unknown_field', detail: `member_${n}x` }) as const;
    const note = (n: number) => counter().note('send_answer', [deviation(n)], () => '{}');
    for (let n = 0; n < 600; n += 1) note(n);
    await counter().runOnce();
    for (let n = 0; n < 1_100; n += 1) note(n);
    await counter().runOnce();
    // 600 were known, 400 found room in the table; of the last 100 nothing but their number is kept.
    expect(await world.count('drift')).toBe(1_001);
    const [more] = await world.database.query(`select times from drift where kind = 'more'`);
    expect(more).toEqual({ times: '100' });
    const [all] = await world.database.query('select sum(times) as times from drift');
    expect(all).toEqual({ times: '1700' });

    const seen = new Set<string>();
    let cursor: string | null = null;
    do {
      const { data, next_cursor }: DriftPage = await page(
        `?limit=500${cursor === null ? '' : `&cursor=${cursor}`}`,
      );
      for (const row of data) seen.add(row.id);
      cursor = next_cursor;
    } while (cursor !== null);
    expect(seen.size).toBe(1_001);
  });

  it('loses no count where the database does not take it', async () => {
    await sendOne();
    await callBack('{"message_id":1001,"status":0,"operator":1}');
    await world.database.query('revoke insert on drift from tyrian_worker');
    await expect(counter().runOnce()).rejects.toThrow('permission denied');
    await callBack('{"message_id":1001,"status":0,"operator":1}');
    await world.database.query('grant insert on drift to tyrian_worker');
    expect(await lines()).toEqual(['status_callback: unknown_field operator x2']);
  });

  it('is the operators’ alone', async () => {
    const { gateway } = world.steps;
    await call(gateway, 'GET', '/admin/drift', { token: world.tenant.apiKey, expect: 401 });
    await call(gateway, 'GET', '/admin/drift', { expect: 401 });
  });
});
