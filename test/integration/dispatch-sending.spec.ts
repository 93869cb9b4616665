import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { testConfiguration } from '../support/configuration.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestTenant,
} from '../support/gateway.js';
import { beatForALease, skipTime } from '../support/monotonic-time.js';
import { startProvider, type ProviderRequest, type TestProvider } from '../support/provider.js';
import { pause, read, send, Steps } from '../support/steps.js';

let database: TestDatabase;
let provider: TestProvider;
let onSend: (request: ProviderRequest) => void;
let steps: Steps;
let tenant: TestTenant;
const closing: (() => Promise<void>)[] = [];

let nextId = 100;
const acceptAll = (request: ProviderRequest): void => request.accept((nextId += 1));
const sends = (): ProviderRequest[] =>
  provider.requests.filter((request) => request.path.endsWith('/send-viber'));

async function worker(): Promise<Steps> {
  const gateway = await startGateway({ database, providerUrl: provider.url, loops: false });
  closing.unshift(() => gateway.close());
  return new Steps(gateway, database);
}

beforeEach(async () => {
  onSend = acceptAll;
  database = await createTestDatabase();
  provider = await startProvider((request) => {
    if (request.path.endsWith('/send-viber')) onSend(request);
    else
      request.answer(
        200,
        '{"name":"Invalid Parameter: [message_id]","message":"x","code":1,"status":400}',
      );
  });
  steps = await worker();
  tenant = await createTenant(steps.gateway);
  await steps.withoutRateLimit();
});

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await provider.close();
  await database.drop();
});

const countOf = async (table: string): Promise<number> => {
  const [row] = await database.query<{ count: number }>(
    `select count(*)::int as count from ${table}`,
  );
  return row?.count ?? -1;
};

describe('DISPATCH 4: leases', () => {
  it('lets no byte out once the last heartbeat is older than lease - deadline - margin', async () => {
    await send(steps.gateway, tenant);
    await steps.own();
    skipTime(steps.gateway, 20_000);
    await steps.pump();
    expect(sends()).toHaveLength(0);
    await steps.beat();
    await steps.pump();
    await steps.settled();
    expect(sends()).toHaveLength(1);
  });

  it.each([
    [{ LEASE_MS: '2000' }, 'LEASE_MS'],
    [{ GRACE_MS: '3000' }, 'GRACE_MS'],
  ])('refuses times under which two owners could write: %j', (variables, name) => {
    expect(() => testConfiguration(variables as Record<string, string>)).toThrow(name);
  });
});

describe('DISPATCH 5: intent', () => {
  it('stands committed before the first byte goes to the provider', async () => {
    const seen: unknown[] = [];
    onSend = (request) => {
      void database.query('select message_ids from intents').then((rows) => {
        seen.push(rows.length);
        acceptAll(request);
        return undefined;
      });
    };
    await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    await steps.settled();
    expect(seen).toEqual([1]);
    expect(await countOf('intents')).toBe(0);
  });

  it('lets a row that somebody holds alone, and sends it when it is free again', async () => {
    const id = await send(steps.gateway, tenant);
    await steps.own();
    const holder = new pg.Client({ connectionString: urlOfSuperuser() });
    await holder.connect();
    await holder.query('begin');
    await holder.query('select 1 from outgoing for update');
    await steps.pump();
    await steps.settled();
    expect(sends()).toHaveLength(0);
    await holder.query('rollback');
    await holder.end();
    await pause(1_100);
    await steps.beat();
    await steps.pump();
    await steps.settled();
    expect(sends()).toHaveLength(1);
    expect((await read(steps.gateway, tenant, id)).status).toBe('sent');
  });

  it('holds at once when the account is paused, whatever the owner has read before', async () => {
    await send(steps.gateway, tenant);
    await steps.own();
    await call(steps.gateway, 'POST', `/v1/accounts/${tenant.accountId}/pause`, {
      token: tenant.apiKey,
      body: {},
    });
    await steps.pump();
    await steps.settled();
    expect(sends()).toHaveLength(0);
    expect(await countOf('outgoing')).toBe(1);
  });

  it('sorts out a row whose validity is as good as over, and never sends it', async () => {
    const id = await send(steps.gateway, tenant);
    await steps.own();
    await database.query(`update outgoing set expires_at = app_clock() + interval '20 seconds'`);
    await steps.pump();
    await steps.settled();
    expect(sends()).toHaveLength(0);
    expect((await read(steps.gateway, tenant, id)).status).toBe('expired');
  });
});

describe('DISPATCH 6: settle', () => {
  it('changes nothing for a former owner: the token is checked, not the time', async () => {
    let answer: ProviderRequest | undefined;
    onSend = (request) => (answer = request);
    await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    await eventually(async () => answer);
    await database.query('update lanes set token = token + 1');
    answer?.accept(4_711);
    await steps.settled();
    expect(await countOf('outgoing')).toBe(1);
    expect(await countOf('intents')).toBe(1);
    expect(await countOf('awaiting')).toBe(0);
    expect(steps.lanes.size).toBe(0);
  });
});

describe('DISPATCH 7: takeover', () => {
  it('waits for a full lease of own heartbeats, then calls open intents unknown and goes on with the queue', async () => {
    onSend = () => undefined;
    const onWire = await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    await eventually(async () => sends().length === 1);
    const queued = await send(steps.gateway, tenant);
    const [before] = await database.query<{ token: number; owner: string }>(
      'select token, owner from lanes',
    );

    const heir = await worker();
    await database.query(
      `update workers set heartbeat_at = app_clock() - interval '1 hour' where id = $1`,
      [before?.owner],
    );
    await heir.own();
    expect(heir.lanes.size).toBe(0);

    onSend = acceptAll;
    await beatForALease(heir.gateway);
    await heir.keep();
    expect(heir.lanes.size).toBe(1);
    const [after] = await database.query<{ token: number; owner: string }>(
      'select token, owner from lanes',
    );
    expect(Number(after?.token)).toBeGreaterThan(Number(before?.token));
    expect(after?.owner).not.toBe(before?.owner);
    expect((await read(heir.gateway, tenant, onWire)).status).toBe('uncertain');
    expect(await countOf('intents')).toBe(0);
    await heir.pump();
    await heir.settled();
    expect((await read(heir.gateway, tenant, queued)).status).toBe('sent');
    expect(sends()).toHaveLength(2);
  });

  it('takes a heartbeat on a lost row for the end: no lane is kept, and a new name is used', async () => {
    await send(steps.gateway, tenant);
    await steps.own();
    expect(steps.lanes.size).toBe(1);
    await database.query('update workers set lost_at = app_clock()');
    await steps.beat();
    expect(steps.lanes.size).toBe(0);
    const workers = await database.query<{ lost: boolean }>(
      'select lost_at is not null as lost from workers order by started_at',
    );
    expect(workers.map((row) => row.lost)).toEqual([true, false]);
  });

  it('gives one lane to one of two workers that take over at once', async () => {
    await send(steps.gateway, tenant);
    await steps.own();
    await database.query('update workers set lost_at = app_clock()');
    const heirs = [await worker(), await worker()];
    await Promise.all(heirs.map((heir) => beatForALease(heir.gateway)));
    await Promise.all(heirs.map((heir) => heir.keep()));
    expect(heirs.map((heir) => heir.lanes.size).toSorted((a, b) => a - b)).toEqual([0, 1]);
  });
});

describe('DISPATCH 8: what a former owner learned', () => {
  async function loseLaneWhileSending(): Promise<{ id: string; answer: ProviderRequest }> {
    let answer: ProviderRequest | undefined;
    onSend = (request) => (answer = request);
    const id = await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    const asked = await eventually(async () => answer);
    await database.query('update workers set lost_at = app_clock()');
    const heir = await worker();
    await heir.own();
    expect((await read(heir.gateway, tenant, id)).status).toBe('uncertain');
    return { id, answer: asked };
  }

  it('resolves uncertain with the id that came too late, and leaves queue and intents alone', async () => {
    const { id, answer } = await loseLaneWhileSending();
    answer.accept(815);
    await eventually(async () => (await read(steps.gateway, tenant, id)).status === 'sent');
    expect((await read(steps.gateway, tenant, id)).provider_message_id).toBe('815');
    expect(await countOf('outgoing')).toBe(0);
  });

  it('resolves uncertain with a refusal that came too late', async () => {
    const { id, answer } = await loseLaneWhileSending();
    answer.answer(200, '{"name":"Invalid Parameter: [text]","message":"x","code":1,"status":400}');
    await eventually(async () => (await read(steps.gateway, tenant, id)).status === 'rejected');
  });

  it('says so when it was surely not sent', async () => {
    const { id, answer } = await loseLaneWhileSending();
    answer.answer(
      200,
      '{"name":"Too Many Requests","message":"Rate limit exceeded.","code":0,"status":429}',
    );
    const ended = await eventually(async () => {
      const message = await read(steps.gateway, tenant, id);
      return message.is_final ? message : null;
    });
    expect(ended).toMatchObject({ status: 'failed', status_detail: { code: 'not_sent' } });
    expect(sends()).toHaveLength(1);
  });
});

describe('DISPATCH 9: cancel and expire', () => {
  const cancel = (id: string, expected: number) =>
    call<{ code?: string; status: string }>(steps.gateway, 'POST', `/v1/messages/${id}/cancel`, {
      token: tenant.apiKey,
      expect: expected,
    });

  it('cancels what is queued or scheduled, and nothing of it is sent', async () => {
    const queued = await send(steps.gateway, tenant);
    const scheduled = await send(steps.gateway, tenant, {
      send_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    expect((await cancel(queued, 200)).status).toBe('cancelled');
    expect((await cancel(scheduled, 200)).status).toBe('cancelled');
    await steps.own();
    await steps.pump();
    await steps.settled();
    expect(sends()).toHaveLength(0);
  });

  it('refuses while the message is on the wire', async () => {
    let answer: ProviderRequest | undefined;
    onSend = (request) => (answer = request);
    const id = await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    const asked = await eventually(async () => answer);
    expect((await cancel(id, 409)).code).toBe('already_sending');
    asked.accept(1);
    await steps.settled();
    expect((await cancel(id, 409)).code).toBe('message_not_cancellable');
  });

  it('ends the grace without a further attempt, as uncertain and never as cancelled', async () => {
    onSend = (request) => request.reset();
    const id = await send(steps.gateway, tenant, { delivery_mode: 'at_least_once' });
    await steps.own();
    await steps.pump();
    await steps.settled();
    expect((await cancel(id, 200)).status).toBe('uncertain');
    await database.moveClock(60_000);
    await steps.beat();
    await steps.returnFromGrace();
    await steps.pump();
    await steps.settled();
    expect(sends()).toHaveLength(1);
    expect((await read(steps.gateway, tenant, id)).status).toBe('uncertain');
  });

  it('makes a message whose earlier attempt may have been sent neither cancelled nor expired', async () => {
    onSend = (request) => request.reset();
    const ids = [
      await send(steps.gateway, tenant, { delivery_mode: 'at_least_once' }),
      await send(steps.gateway, tenant, { delivery_mode: 'at_least_once' }),
    ];
    await steps.own();
    await steps.pump();
    await steps.settled();
    await database.query('update awaiting set retry_at = app_clock()');
    await steps.beat();
    await steps.returnFromGrace();
    expect(await countOf('outgoing')).toBe(2);
    await cancel(ids[0] as string, 200);
    await database.query(`update outgoing set expires_at = app_clock()`);
    await steps.pump();
    await steps.settled();
    for (const id of ids) expect((await read(steps.gateway, tenant, id)).status).toBe('uncertain');
    expect(sends()).toHaveLength(2);
  });
});

describe('DISPATCH 10: order', () => {
  it('is urgent before normal before promotional, and by acceptance within a class', async () => {
    for (const [text, more] of [
      ['promotional 1', { category: 'promotional' }],
      ['normal 1', {}],
      ['normal 2', {}],
      ['urgent 1', { priority: 'urgent' }],
      ['promotional 2', { category: 'promotional' }],
      ['urgent 2', { priority: 'urgent' }],
    ] as const) {
      await send(steps.gateway, tenant, { text, ...more });
    }
    const started: string[] = [];
    onSend = (request) => {
      started.push(String(request.body['text']));
      acceptAll(request);
    };
    await steps.own();
    await database.query('update connection_states set rate = 20');
    await steps.refresh();
    for (let round = 0; round < 30 && started.length < 6; round += 1) {
      await steps.beat();
      await steps.pump();
    }
    expect(started).toEqual([
      'urgent 1',
      'urgent 2',
      'normal 1',
      'normal 2',
      'promotional 1',
      'promotional 2',
    ]);
  });

  it('is kept through a 429: the row goes back to its own place', async () => {
    const started: string[] = [];
    onSend = (request) => {
      started.push(String(request.body['text']));
      if (started.length === 1)
        request.answer(
          429,
          '{"name":"Too Many Requests","message":"Rate limit exceeded.","code":0,"status":429}',
        );
      else acceptAll(request);
    };
    await send(steps.gateway, tenant, { text: 'first' });
    await steps.own();
    await steps.pump();
    await steps.settled();
    await send(steps.gateway, tenant, { text: 'second' });
    await database.query('update connection_states set rate = 20, not_before = null');
    for (let round = 0; round < 30 && started.length < 3; round += 1) {
      await steps.beat();
      await steps.refresh();
      await steps.pump();
    }
    expect(started).toEqual(['first', 'first', 'second']);
  });
});

describe('DISPATCH, unknown outcomes', () => {
  it('at_most_once: uncertain, and never sent again', async () => {
    onSend = (request) => request.reset();
    const id = await send(steps.gateway, tenant);
    await steps.own();
    await steps.pump();
    await steps.settled();
    expect(await read(steps.gateway, tenant, id)).toMatchObject({
      status: 'uncertain',
      is_final: false,
    });
    await database.moveClock(3_600_000);
    await steps.beat();
    await steps.returnFromGrace();
    await steps.pump();
    await steps.settled();
    expect(sends()).toHaveLength(1);
  });

  it('at_least_once: sent again after the grace, at its old place, marked as a possible duplicate', async () => {
    onSend = (request) => (sends().length === 1 ? request.reset() : acceptAll(request));
    const id = await send(steps.gateway, tenant, { delivery_mode: 'at_least_once' });
    const [queued] = await database.query<{ pos: string }>('select pos from outgoing');
    await steps.own();
    await steps.pump();
    await steps.settled();
    await steps.returnFromGrace();
    expect(await countOf('outgoing')).toBe(0);
    await database.moveClock(60_000);
    await steps.beat();
    await steps.returnFromGrace();
    const [again] = await database.query<{ pos: string; attempt: number }>(
      'select pos, attempt from outgoing',
    );
    expect(again).toEqual({ pos: queued?.pos, attempt: 2 });
    await steps.pump();
    await steps.settled();
    expect(await read(steps.gateway, tenant, id)).toMatchObject({
      status: 'sent',
      possible_duplicate: true,
      attempts: 2,
    });
  });

  it('at_least_once without validity left for another attempt stays uncertain', async () => {
    onSend = (request) => request.reset();
    const id = await send(steps.gateway, tenant, {
      delivery_mode: 'at_least_once',
      validity_seconds: 120,
    });
    await steps.own();
    await steps.pump();
    await steps.settled();
    await database.moveClock(92_000);
    await steps.beat();
    await steps.returnFromGrace();
    await steps.pump();
    await steps.settled();
    expect(sends()).toHaveLength(1);
    expect((await read(steps.gateway, tenant, id)).status).toBe('uncertain');
  });
});

function urlOfSuperuser(): string {
  return Object.assign(new URL(process.env['TYRIAN_TEST_PG_URL'] as string), {
    pathname: database.name,
  }).href;
}
