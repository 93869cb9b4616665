import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FeedWatch } from '../../apps/gateway/src/events/feed-watch.js';
import { Database } from '../../apps/gateway/src/platform/database/index.js';
import { Drain } from '../../apps/gateway/src/platform/lifecycle/index.js';
import { OutboxRelay } from '../../apps/gateway/src/timeline/outbox-relay.js';
import { closeGate } from '../support/commit-gate.js';
import { call, createTenant, eventually, type TestTenant } from '../support/gateway.js';
import { pause, send, type Steps } from '../support/steps.js';
import { World } from '../support/world.js';

interface Page {
  readonly data: readonly {
    readonly id: string;
    readonly type: string;
    readonly data: { readonly text: string | null; readonly sequence: number };
  }[];
  readonly next_cursor: string;
  readonly has_more: boolean;
}

let world: World;

beforeEach(async () => {
  world = await World.start();
});

afterEach(async () => {
  await world.close();
});

function read(
  query: Readonly<Record<string, string | number>> = {},
  options: { token?: string; expect?: number; gateway?: Steps['gateway'] } = {},
): Promise<Page> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) search.set(name, String(value));
  return call<Page>(
    options.gateway ?? world.steps.gateway,
    'GET',
    `/v1/events?${search.toString()}`,
    { token: options.token ?? world.tenant.apiKey, expect: options.expect ?? 200 },
  );
}

/** Moves what is committed to the feed. */
async function relay(): Promise<void> {
  // The first event of a tenant makes its place in the feed, and the next look moves it there.
  for (let looks = 0; looks < 2; looks += 1) await world.steps.gateway.get(OutboxRelay).runOnce();
}

async function sendMany(count: number, tenant: TestTenant = world.tenant): Promise<void> {
  for (let n = 1; n <= count; n += 1)
    await send(world.steps.gateway, tenant, { text: `message ${n}` });
  await relay();
}

async function secondAccount(): Promise<string> {
  const { id } = await call<{ id: string }>(world.steps.gateway, 'POST', '/v1/accounts', {
    token: world.tenant.apiKey,
    body: {
      name: 'Second',
      provider_key: 'second',
      default_sender: 'Second',
      default_category: 'transactional',
    },
    expect: 201,
  });
  return id;
}

const textsOf = (page: Page) => page.data.map(({ data }) => data.text);

describe('the feed is followed', () => {
  it('by its cursor, page by page, each event once and in order', async () => {
    await sendMany(7);
    const pages = [await read({ limit: 3 })];
    while (pages.at(-1)?.has_more) {
      pages.push(await read({ limit: 3, after: (pages.at(-1) as Page).next_cursor }));
    }
    expect(pages.map(textsOf)).toEqual([
      ['message 1', 'message 2', 'message 3'],
      ['message 4', 'message 5', 'message 6'],
      ['message 7'],
    ]);
    const events = pages.flatMap(({ data }) => data);
    expect(events.map(({ data }) => data.sequence)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(7);
    const end = await read({ after: (pages.at(-1) as Page).next_cursor });
    expect(end).toEqual({ data: [], next_cursor: pages.at(-1)?.next_cursor, has_more: false });
  });

  it('DISPATCH 17: and a commit that comes late is not skipped', async () => {
    const other = await world.worker();
    // Accepts of one lane wait for one another.
    const account_id = await secondAccount();
    const gate = await closeGate(world.database, 'insert on messages', `new.text = 'late'`);
    const late = world.send({ text: 'late', account_id: world.tenant.accountId });
    await gate.reached();
    await send(other.gateway, world.tenant, { text: 'prompt', account_id });
    await relay();
    const first = await read({ wait_seconds: 5 });
    expect(textsOf(first)).toEqual(['prompt']);
    await gate.open();
    await late;
    await relay();
    const second = await read({ after: first.next_cursor });
    expect(textsOf(second)).toEqual(['late']);
    const ids = [first, second].flatMap(({ data }) => data.map(({ id }) => id));
    // The late one has the smaller id: who goes by ids would never see it.
    expect(ids).toEqual([...ids].sort().toReversed());
  });

  it('from its newest event on', async () => {
    expect(await read({ after: 'latest' })).toMatchObject({ data: [], has_more: false });
    await sendMany(2);
    const { next_cursor: after } = await read({ after: 'latest' });
    await sendMany(1);
    expect(textsOf(await read({ after }))).toEqual(['message 1']);
  });

  it('by types, and the cursor goes on over the others', async () => {
    await sendMany(2);
    await call(world.steps.gateway, 'POST', `/v1/accounts/${world.tenant.accountId}/pause`, {
      token: world.tenant.apiKey,
      body: {},
      expect: 200,
    });
    await relay();
    const queued = await read({ types: 'message.queued', limit: 2 });
    expect(textsOf(queued)).toEqual(['message 1', 'message 2']);
    expect(queued.has_more).toBe(true);
    const none = await read({ types: 'message.queued', after: queued.next_cursor });
    expect(none).toMatchObject({ data: [], has_more: false });
    expect(none.next_cursor).not.toBe(queued.next_cursor);
    const all = await read({ after: queued.next_cursor });
    expect(all.data.map(({ type }) => type)).toEqual(['account.paused']);
  });

  it('by each tenant alone, and by a key only for its accounts', async () => {
    const stranger = await createTenant(world.steps.gateway, {}, 'Stranger');
    await sendMany(2, stranger);
    await sendMany(1);
    const mine = await read();
    expect(textsOf(mine)).toEqual(['message 1']);
    await read({ after: mine.next_cursor }, { token: stranger.apiKey, expect: 400 });
    const account_id = await secondAccount();
    const key = async (body: object) =>
      (
        await call<{ api_key: string }>(world.steps.gateway, 'POST', '/v1/api-keys', {
          token: world.tenant.apiKey,
          body: { name: 'Restricted', ...body },
          expect: 201,
        })
      ).api_key;
    const token = await key({ scopes: ['events:read'], account_ids: [account_id] });
    expect(await read({}, { token })).toMatchObject({ data: [], has_more: false });
    await world.send({ account_id, text: 'over the second' });
    await relay();
    expect(textsOf(await read({}, { token }))).toEqual(['over the second']);
    await read({}, { token: await key({ scopes: ['messages:read'] }), expect: 403 });
  });
});

describe('a cursor', () => {
  const tooOld = (after: string) => read({ after }, { expect: 410 });

  it('behind which events were dropped is refused, and no other', async () => {
    await sendMany(6);
    const cursors: string[] = [];
    for (let n = 0; n < 6; n += 1) {
      const after = cursors.at(-1);
      cursors.push((await read({ limit: 1, ...(after ? { after } : {}) })).next_cursor);
    }
    await world.database.query('delete from feed where position <= 3');
    for (const after of cursors.slice(0, 2))
      expect(await tooOld(after)).toMatchObject({ code: 'cursor_too_old' });
    expect(textsOf(await read({ after: cursors[2] as string }))).toHaveLength(3);
    expect(textsOf(await read())).toHaveLength(3);
    await world.database.query('delete from feed');
    await tooOld(cursors[4] as string);
    expect(await read({ after: cursors[5] as string })).toMatchObject({ data: [] });
  });

  it('of another history is refused: the database was put back, and went on', async () => {
    await sendMany(4);
    const { next_cursor: ahead } = await read();
    const { next_cursor: within } = await read({ limit: 3 });
    await world.database.query('delete from feed where position > 2');
    await world.database.query('update feed_positions set position = 2');
    await tooOld(ahead);
    await sendMany(3);
    await tooOld(within);
    await tooOld(ahead);
  });

  it.each(['nonsense', 'WzEsMl0', '0'])('that is none is refused: %j', async (after) => {
    expect(await read({ after }, { expect: 400 })).toMatchObject({
      code: 'invalid_cursor',
      errors: [{ pointer: '/after' }],
    });
  });
});

describe('who waits for an event', () => {
  const afterAll = async () => (await read({ after: 'latest' })).next_cursor;

  /** Requests that wait, begun one by one: many at once would stand in line for their first look. */
  async function waiting(
    count: number,
    query: Readonly<Record<string, string | number>>,
  ): Promise<Promise<Page>[]> {
    const begun = jest.spyOn(world.steps.gateway.get(FeedWatch), 'moved');
    const answers: Promise<Page>[] = [];
    while (answers.length < count) {
      answers.push(read({ ...query, wait_seconds: 25 }));
      await eventually(async () => begun.mock.calls.length === answers.length);
    }
    return answers;
  }

  it('hears of it soon after it is there', async () => {
    const after = await afterAll();
    const [answer] = await waiting(1, { after });
    const sentAt = performance.now();
    await sendMany(1);
    expect(textsOf((await answer) as Page)).toEqual(['message 1']);
    expect(performance.now() - sentAt).toBeLessThan(10_000);
  });

  it('hears nothing of what it did not ask for', async () => {
    const after = await afterAll();
    const answer = read({ after, types: 'message.delivered', wait_seconds: 2 });
    await pause(300);
    await sendMany(1);
    expect(await answer).toMatchObject({ data: [], has_more: false });
  });

  it('holds no connection of the database, and all of a process ask by one statement', async () => {
    const after = await afterAll();
    const database = world.steps.gateway.get(Database);
    const answers = await waiting(10, { after });
    const transactions = jest.spyOn(database, 'transaction');
    const looks = jest.spyOn(world.steps.gateway.get(FeedWatch), 'runOnce');
    await eventually(async () => looks.mock.calls.length > 2);
    const ofWaiting = transactions.mock.calls.filter(([pool]) => pool === 'reads');
    expect(ofWaiting.length).toBeLessThanOrEqual(looks.mock.calls.length);
    // Between two looks nothing is checked out.
    await eventually(async () => {
      const { total, idle, waiting } = database.usage().reads;
      return total === idle && waiting === 0;
    });
    await sendMany(1);
    for (const page of await Promise.all(answers)) expect(textsOf(page)).toEqual(['message 1']);
  });

  it('is refused where too many of its tenant wait, and others are not', async () => {
    const after = await afterAll();
    const answers = await waiting(50, { after });
    expect(await read({ after, wait_seconds: 10 }, { expect: 429 })).toMatchObject({
      code: 'too_many_waiting',
    });
    expect(await read({ after })).toMatchObject({ data: [] });
    const other = await createTenant(world.steps.gateway, {}, 'Other');
    await read({ wait_seconds: 1 }, { token: other.apiKey });
    // The news would send all of them to the database at once.
    world.steps.gateway.get(Drain).begin();
    await Promise.all(answers);
  });

  it('is answered at once when the process drains', async () => {
    const after = await afterAll();
    const answers = await waiting(2, { after });
    const drainedAt = performance.now();
    world.steps.gateway.get(Drain).begin();
    for (const page of await Promise.all(answers))
      expect(page).toEqual({ data: [], next_cursor: after, has_more: false });
    expect(await read({ after, wait_seconds: 25 })).toMatchObject({ data: [] });
    expect(performance.now() - drainedAt).toBeLessThan(10_000);
  });
});
