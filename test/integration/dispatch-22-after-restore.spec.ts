import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ReceiptFold } from '../../apps/gateway/src/receipts/receipt-fold.js';
import { afterRestore, startAfterRestore } from '../support/after-restore.js';
import { adminToken } from '../support/configuration.js';
import { cloneTestDatabase, type TestDatabase } from '../support/database.js';
import { call, eventually, startGateway, type TestGateway } from '../support/gateway.js';
import { holdTransaction } from '../support/held-transaction.js';
import { beatForALease } from '../support/monotonic-time.js';
import { pause, read, send, Steps, type ReadMessage } from '../support/steps.js';
import { callbackUrl, tell, World } from '../support/world.js';

/** Until the whole second of the time is over, which still counts. */
async function past(at: Date): Promise<void> {
  await pause(Math.max(0, at.getTime() + 1_100 - Date.now()));
}

const minutesAgo = (minutes: number): string =>
  new Date(Date.now() - minutes * 60_000).toISOString();

let world: World;
let copy: TestDatabase | undefined;
let gateway: TestGateway | undefined;

beforeEach(async () => {
  world = await World.start();
});

afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  await copy?.drop();
  copy = undefined;
  for (const request of world.sends) request.reset();
  await world.close();
});

/** A copy of the database as it is now, and a gateway on it whose loops the test turns. */
async function onACopy(): Promise<{ database: TestDatabase; steps: Steps }> {
  const database = await cloneTestDatabase(world.database);
  copy = database;
  const running = await startGateway({
    database,
    providerUrl: world.provider.url,
    loops: false,
  });
  gateway = running;
  return { database, steps: new Steps(running, database) };
}

const release = (reached: { readonly url: string }): Promise<unknown> =>
  call(reached, 'POST', '/admin/installation/release', { token: adminToken, expect: 200 });

const schedule = (text: string): Promise<string> =>
  world.send({ text, send_at: new Date(Date.now() + 3_600_000).toISOString() });

/** As if its time had come so many minutes ago. */
async function due(text: string, minutes: number): Promise<void> {
  await world.database.query(
    `update scheduled set due_at = app_clock() - make_interval(mins => $1)
     where message_id in (select id from messages where text = $2)`,
    [minutes, text],
  );
}

describe('DISPATCH 22: after-restore', () => {
  it('Rule 22: what may have been sent elsewhere is unknown, by delivery mode; run twice, it says so once', async () => {
    world.onSend = () => undefined;
    const ids: Record<string, string> = {};
    ids['on the wire'] = await world.send({ text: 'on the wire' });
    await world.steps.own();
    await world.steps.pump();
    await world.sent(1);
    for (const [text, mode] of [
      ['at most once', 'at_most_once'],
      ['at least once', 'at_least_once'],
    ] as const)
      ids[text] = await world.send({ text, delivery_mode: mode });
    ids['due'] = await schedule('due');
    ids['later'] = await schedule('later');
    await due('due', 1);
    const dataUntil = new Date();
    const { database, steps } = await onACopy();
    // The original goes on.
    world.onSend = (request) => request.accept(world.nextId());
    await eventually(async () => {
      await world.steps.beat();
      await world.steps.pump();
      return world.sends.length === 3;
    });
    const told = new URL(
      callbackUrl(world.sends.find(({ body }) => body['text'] === 'at most once')),
    );
    await past(dataUntil);
    ids['accepted here'] = await send(steps.gateway, world.tenant, { text: 'accepted here' });

    const readHere = (text: string): Promise<ReadMessage> =>
      read(steps.gateway, world.tenant, ids[text] as string);
    const stand = async (): Promise<unknown> => ({
      statuses: Object.fromEntries(
        await Promise.all(
          Object.keys(ids).map(async (text) => {
            const { status, status_detail } = await readHere(text);
            return [text, [status, status_detail?.code ?? null]] as const;
          }),
        ),
      ),
      told: await database.query(
        `select count(*)::int as events, count(distinct message_id)::int as messages from events where type = 'restored'`,
      ),
      grace: await database.query(
        'select message_id, attempt, retry_at from awaiting where retry_at is not null',
      ),
    });
    const first = await afterRestore(database.address, '--data-until', dataUntil.toISOString());
    expect(first).toMatchObject({ code: 0, errors: '' });
    expect(first.output).toContain('marks_differ: database_oid');
    expect(first.output).toContain('4 messages may have been sent elsewhere');
    expect(first.output).toContain('3 are uncertain');
    expect(first.output).toContain('1 are sent again');
    expect(first.output).toContain('1 messages stay in the queue and 1 scheduled');
    const after = await stand();
    expect(after).toMatchObject({
      statuses: {
        'on the wire': ['uncertain', 'restored'],
        'at most once': ['uncertain', 'restored'],
        'at least once': ['uncertain', 'restored'],
        due: ['uncertain', 'restored'],
        later: ['scheduled', null],
        'accepted here': ['queued', null],
      },
      told: [{ events: 4, messages: 4 }],
      grace: [{ message_id: expect.any(String), attempt: 1 }],
    });
    const second = await afterRestore(database.address, '--data-until', dataUntil.toISOString());
    expect(second).toMatchObject({ code: 0, errors: '' });
    expect(second.output).toContain('0 messages may have been sent elsewhere');
    expect(await stand()).toEqual(after);

    // Even after its grace nothing goes out before the release; the copied owner of the lane is long silent.
    await database.moveClock(60_000);
    await steps.beat();
    await beatForALease(steps.gateway);
    await steps.keep();
    await steps.returnFromGrace();
    await steps.pump();
    await steps.settled();
    expect(steps.lanes.size).toBe(1);
    expect(world.sends).toHaveLength(3);
    expect(await database.query('select 1 from intents')).toEqual([]);
    expect(await database.query('select 1 from awaiting where retry_at is not null')).toHaveLength(
      1,
    );
    expect(await tell(new URL(told.pathname, steps.gateway.url).href, 1)).toBe(200);

    await release(steps.gateway);
    await eventually(async () => {
      await steps.returnFromGrace();
      await steps.pump();
      return world.sends.length === 5;
    });
    await steps.settled();
    expect(new Set(world.sentTexts.slice(3))).toEqual(new Set(['accepted here', 'at least once']));
    expect(await readHere('at least once')).toMatchObject({
      status: 'sent',
      attempts: 2,
      possible_duplicate: true,
    });
    const { data: audit } = await call<{ data: { action: string; after: object | null }[] }>(
      steps.gateway,
      'GET',
      '/admin/audit-log?limit=3',
      { token: adminToken, expect: 200 },
    );
    expect(audit).toMatchObject([
      { action: 'installation.released' },
      { action: 'installation.restored_work_dealt_with', after: { uncertain: 0, again: 0 } },
      {
        action: 'installation.restored_work_dealt_with',
        after: { data_until: dataUntil.toISOString(), uncertain: 3, again: 1, final: 0 },
      },
    ]);
  }, 90_000);

  it('Rule 22: evidence of the attempt that the original made resolves what is uncertain here', async () => {
    const id = await world.send();
    const { database, steps } = await onACopy();
    await world.steps.own();
    await world.steps.pump();
    await world.sent(1);
    await afterRestore(database.address, '--data-until', new Date().toISOString());
    expect(await read(steps.gateway, world.tenant, id)).toMatchObject({ status: 'uncertain' });
    const told = new URL(callbackUrl(world.sends[0]));
    expect(await tell(new URL(told.pathname, steps.gateway.url).href, 1)).toBe(200);

    while (await steps.gateway.get(ReceiptFold).runOnce());
    expect(await read(steps.gateway, world.tenant, id)).toMatchObject({ status: 'delivered' });
  }, 60_000);

  it('Rule 22: a plain snapshot, which changes no mark, is put on hold by the command itself', async () => {
    const before = await world.send();
    const dataUntil = new Date();
    await past(dataUntil);
    const since = await world.send();
    const { code, output } = await afterRestore(
      world.database.address,
      `--data-until=${dataUntil.toISOString()}`,
    );
    expect(code).toBe(0);
    expect(output).toContain('(after_restore)');
    expect(await world.read(before)).toMatchObject({ status: 'uncertain' });
    expect(await world.read(since)).toMatchObject({ status: 'queued' });
    await world.steps.own();
    await world.steps.refresh();
    await world.steps.pump();
    await world.steps.settled();
    expect(world.sends).toHaveLength(0);
    expect(
      await call(world.steps.gateway, 'GET', '/admin/installation', { token: adminToken }),
    ).toMatchObject({
      hold: { because: 'after_restore', restored_work_at: expect.any(String) },
    });
    await release(world.steps.gateway);
    await world.steps.refresh();
    await world.steps.pump();
    await world.sent(1);
  }, 60_000);

  it('Rule 22: what was due only after sending had stopped stays', async () => {
    const ids = [await schedule('long ago'), await schedule('of late'), await world.send()];
    await due('long ago', 15);
    await due('of late', 5);
    const { database, steps } = await onACopy();
    const { output } = await afterRestore(
      database.address,
      '--data-until',
      minutesAgo(20),
      '--sending-stopped-at',
      minutesAgo(10),
    );
    expect(output).toContain('1 messages may have been sent elsewhere');
    const statuses = await Promise.all(
      ids.map(async (id) => (await read(steps.gateway, world.tenant, id)).status),
    );
    expect(statuses).toEqual(['uncertain', 'queued', 'queued']);
  }, 60_000);

  it('Rule 22: of a copy that told itself apart all that came with it counts, though the time given was too early', async () => {
    const id = await world.send();
    const { database, steps } = await onACopy();
    await afterRestore(database.address, '--data-until', minutesAgo(20));
    expect(await read(steps.gateway, world.tenant, id)).toMatchObject({ status: 'uncertain' });
  }, 60_000);

  it('Rule 22: killed on its way and run again, it deals with each message once', async () => {
    for (let batch = 0; batch < 2; batch += 1) {
      const messages = Array.from({ length: 750 }, () => ({
        recipient: '+380671234567',
        text: 'Hello',
      }));
      await call(world.steps.gateway, 'POST', '/v1/messages/batch', {
        token: world.tenant.apiKey,
        body: { messages },
      });
    }
    const dataUntil = new Date().toISOString();
    const [last] = await world.database.query<{ message_id: string }>(
      'select message_id from outgoing order by tenant_id desc, message_id desc limit 1',
    );
    const held = await holdTransaction(
      world.database,
      `select 1 from outgoing where message_id = '${last?.message_id}' for update`,
    );
    const { child, ended } = startAfterRestore(world.database.address, '--data-until', dataUntil);
    await eventually(async () => (await world.count('awaiting')) === 1_000, {
      withinMs: 30_000,
      what: 'the first bite',
    });
    child.kill('SIGKILL');
    expect((await ended).code).toBe(null);
    await held.release();
    const { output } = await afterRestore(world.database.address, '--data-until', dataUntil);
    expect(output).toContain('500 messages may have been sent elsewhere');
    expect(await world.count('outgoing')).toBe(0);
    expect(await world.count(`awaiting where status = 'uncertain'`)).toBe(1_500);
    expect(await world.count(`events where type = 'restored'`)).toBe(1_500);
  }, 90_000);

  it('Rule 22: with times that cannot be it says so, and does nothing', async () => {
    await world.send();
    const wrong: [string[], string][] = [
      [[], '--data-until is missing'],
      [['--data-until', '2026-03-01T09:00:00'], 'no time with an offset'],
      [['--data-till', '2026-03-01T09:00:00Z'], 'Usage:'],
      [
        ['--data-until', minutesAgo(1), '--sending-stopped-at', minutesAgo(2)],
        'nothing was sent after the data end',
      ],
      [
        ['--data-until', minutesAgo(1), '--sending-stopped-at', minutesAgo(-60)],
        'lies in the future',
      ],
    ];
    for (const [args, sentence] of wrong) {
      const { code, output, errors } = await afterRestore(world.database.address, ...args);
      expect({ code, output }).toEqual({ code: 1, output: '' });
      expect(errors).toContain(sentence);
      expect(errors).not.toMatch(/\n\s+at /);
    }
    expect(await world.count('outgoing')).toBe(1);
    expect(await world.count('installation where held_at is not null')).toBe(0);
  }, 60_000);
});
