import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MessageAcceptor } from '../../apps/gateway/src/messages/message-acceptor.js';
import type { NewMessage } from '../../apps/gateway/src/messages/new-message.js';
import { sha256 } from '../../apps/gateway/src/platform/crypto/index.js';
import { Database } from '../../apps/gateway/src/platform/database/index.js';
import { Deadline } from '../../apps/gateway/src/platform/deadline/index.js';
import { Ids, readId } from '../../apps/gateway/src/platform/ids/index.js';
import { noTenant } from '../../apps/gateway/src/tenants/index.js';
import { call, createTenant, type TestTenant } from '../support/gateway.js';
import { World } from '../support/world.js';

const recipient = '+380671234567';
const wanted = { recipient, text: 'Hello', sender: 'Tyrian' };

interface Entry {
  readonly id: string;
  readonly recipient: string;
  readonly category: string;
  readonly reason: string | null;
  readonly source: string;
  readonly inbound_message_id: string | null;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly body: Record<string, unknown>;
  readonly isReplay: boolean;
}

let world: World;

beforeAll(async () => {
  world = await World.start();
}, 60_000);

afterAll(async () => {
  await world?.close();
});

beforeEach(async () => {
  for (const table of [
    'outgoing',
    'messages',
    'suppressions',
    'stop_words',
    'idempotency_keys',
    'inbound_messages',
    'inbound_tokens',
  ])
    await world.database.query(`delete from ${table}`);
});

async function post(
  path: string,
  body: unknown,
  {
    key,
    token = world.tenant.apiKey,
    type = 'application/json',
  }: { key?: string; token?: string; type?: string } = {},
): Promise<Answer> {
  const response = await fetch(world.steps.gateway.url + path, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': type,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: typeof body === 'string' || body instanceof Buffer ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    body: JSON.parse(text) as Record<string, unknown>,
    isReplay: response.headers.get('idempotent-replayed') === 'true',
  };
}

function enter(entry: object = {}, as: TestTenant = world.tenant): Promise<Entry> {
  return call<Entry>(world.steps.gateway, 'POST', '/v1/suppressions', {
    token: as.apiKey,
    body: { recipient, ...entry },
    expect: 200,
  });
}

function get<Body>(path: string, status = 200): Promise<Body> {
  return call<Body>(world.steps.gateway, 'GET', path, {
    token: world.tenant.apiKey,
    expect: status,
  });
}

async function entries(query = ''): Promise<Entry[]> {
  return (await get<{ data: Entry[] }>(`/v1/suppressions${query}`)).data;
}

async function remove({ id }: Pick<Entry, 'id'>, status = 204): Promise<void> {
  await call(world.steps.gateway, 'DELETE', `/v1/suppressions/${id}`, {
    token: world.tenant.apiKey,
    expect: status,
  });
}

const refused = {
  status: 422,
  body: { code: 'recipient_suppressed', errors: [{ pointer: '/recipient' }] },
};

describe('a message to a suppressed recipient', () => {
  it('is refused, and nothing of it is stored', async () => {
    await enter();
    const answer = await post('/v1/messages', { ...wanted, recipient: '00380 67 123-45-67' });
    expect(answer).toMatchObject({ status: 422, body: { code: 'recipient_suppressed' } });
    for (const table of ['messages', 'outgoing', 'idempotency_keys'])
      expect(await world.count(table)).toBe(0);
  });

  it('is refused by its category: promotional ones alone, or all', async () => {
    await enter({ category: 'promotional' });
    const send = async (category: string) =>
      (await post('/v1/messages', { ...wanted, category })).status;
    expect([await send('promotional'), await send('transactional')]).toEqual([422, 202]);
    await enter({ category: 'all' });
    expect([await send('promotional'), await send('transactional')]).toEqual([422, 422]);
  });

  it('is one of another tenant’s no longer, nor of another recipient’s', async () => {
    const other = await createTenant(world.steps.gateway, {}, 'Other');
    await enter({}, other);
    expect((await post('/v1/messages', wanted)).status).toBe(202);
    await enter();
    expect((await post('/v1/messages', { ...wanted, recipient: '+380671234568' })).status).toBe(
      202,
    );
  });

  it('DISPATCH 2: claims no key: once the entry is gone, the same request is accepted', async () => {
    const entry = await enter();
    expect((await post('/v1/messages', wanted, { key: 'k' })).status).toBe(422);
    expect((await post('/v1/messages', wanted, { key: 'k' })).status).toBe(422);
    await remove(entry);
    expect(await post('/v1/messages', wanted, { key: 'k' })).toMatchObject({
      status: 202,
      isReplay: false,
    });
  });

  it('that was accepted before is told as it was told then, to the byte', async () => {
    const first = await post('/v1/messages', wanted, { key: 'k' });
    await enter();
    const again = await post('/v1/messages', wanted, { key: 'k' });
    expect(again).toMatchObject({ status: 202, isReplay: true });
    expect(again.text).toBe(first.text);
    expect(await post('/v1/messages', { ...wanted, text: 'Other' }, { key: 'k' })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    expect(await world.count('messages')).toBe(1);
  });
});

describe('the look into the list', () => {
  const look = `explain select category from suppressions where tenant_id = '${noTenant}' and recipient = '1' limit 1`;
  const planned = (plans: 'without_whole_tables' | undefined) =>
    world.steps.gateway
      .get(Database)
      .transaction('hot', { role: 'ingest', ...(plans ? { plans } : {}) }, (tx) =>
        tx.query<Record<string, string>>(look),
      )
      .then((lines) => JSON.stringify(lines));

  it('is planned along its index while the list is empty, as a file may fill it at once', async () => {
    await world.database.query('vacuum analyze suppressions');
    expect(await planned(undefined)).toContain('Seq Scan on suppressions');
    expect(await planned('without_whole_tables')).toContain(
      'Index Scan using suppressions_recipient_key',
    );
  });
});

describe('a batch with suppressed recipients', () => {
  const batch = {
    messages: [
      { ...wanted, recipient: '+380671234568' },
      { ...wanted, recipient: 'nobody' },
      wanted,
      { ...wanted, recipient: '+380671234569' },
    ],
  };
  const verdicts = ({ body }: Answer) =>
    (body['results'] as { id?: string; error?: { code: string } }[]).map(
      ({ id, error }) => error?.code ?? (id ? 'accepted' : 'nothing'),
    );

  it('has those refused by themselves, each with its place', async () => {
    await enter();
    const answer = await post('/v1/messages/batch', batch);
    expect(verdicts(answer)).toEqual([
      'accepted',
      'invalid_request',
      'recipient_suppressed',
      'accepted',
    ]);
    expect(answer.body).toMatchObject({
      accepted: 2,
      refused: 2,
      results: { 2: { error: { errors: [{ pointer: '/messages/2/recipient' }] } } },
    });
    expect(await world.count('messages')).toBe(2);
  });

  it('DISPATCH 2: keeps its verdicts with its key, whatever becomes of the entries', async () => {
    const entry = await enter();
    const first = await post('/v1/messages/batch', batch, { key: 'b' });
    await remove(entry);
    await enter({ recipient: '+380671234568' });
    const again = await post('/v1/messages/batch', batch, { key: 'b' });
    expect(again.isReplay).toBe(true);
    expect(again.text).toBe(first.text);
    expect(await world.count('messages')).toBe(2);
  });

  it('of nothing else is stored with its key all the same', async () => {
    const entry = await enter();
    const alone = { messages: [wanted, wanted] };
    const first = await post('/v1/messages/batch', alone, { key: 'b' });
    expect(verdicts(first)).toEqual(['recipient_suppressed', 'recipient_suppressed']);
    await remove(entry);
    expect((await post('/v1/messages/batch', alone, { key: 'b' })).text).toBe(first.text);
    expect(await world.count('messages')).toBe(0);
  });

  it('claims no key of a refused message, and replays one that was accepted under its own', async () => {
    const keyed = { messages: [{ ...wanted, idempotency_key: 'm' }] };
    const entry = await enter();
    expect(verdicts(await post('/v1/messages/batch', keyed))).toEqual(['recipient_suppressed']);
    expect(await world.count('idempotency_keys')).toBe(0);
    await remove(entry);
    const accepted = await post('/v1/messages/batch', keyed);
    expect(verdicts(accepted)).toEqual(['accepted']);
    await enter();
    expect((await post('/v1/messages/batch', keyed)).text).toBe(accepted.text);
    const under = await post('/v1/messages/batch', keyed, { key: 'b' });
    expect(under.text).toBe(accepted.text);
    expect((await post('/v1/messages/batch', keyed, { key: 'b' })).text).toBe(accepted.text);
  });
});

describe('DISPATCH 3: a flush that is run again', () => {
  // As after a lost COMMIT: the same units with the same ids, in a transaction of their own.
  function unitOf(batchKey: string | null): Parameters<MessageAcceptor['accept']>[0] {
    const ids = world.steps.gateway.get(Ids);
    const drafted = messageOf(ids.next());
    const single = batchKey === null;
    return {
      tenantId: drafted.tenantId,
      accountIds: null,
      claim: single ? null : { key: batchKey, bodyHash: sha256('body'), at: '' },
      items: [{ message: drafted, claim: null, index: single ? null : 0 }],
      results: single ? null : [{ id: drafted.id }],
    };
  }

  function accept(unit: Parameters<MessageAcceptor['accept']>[0], claimId: string) {
    const acceptor = world.steps.gateway.get(MessageAcceptor) as unknown as {
      flush(units: object[]): Promise<unknown[]>;
    };
    return acceptor.flush([{ ...unit, claimId }]);
  }

  it('says that a message was accepted which it has stored, though its recipient is suppressed by now', async () => {
    const unit = unitOf(null);
    const id = unit.items[0]!.message.id;
    const first = await accept(unit, id);
    await enter();
    expect(await accept(unit, id)).toEqual(first);
    expect(await world.count('messages')).toBe(1);
  });

  it('says of a batch what stands with its key, though its recipient is no longer suppressed', async () => {
    const unit = unitOf('b');
    const claimId = world.steps.gateway.get(Ids).next();
    const entry = await enter();
    const first = await accept(unit, claimId);
    expect(first).toMatchObject([{ items: [{ kind: 'refused' }] }]);
    await remove(entry);
    expect(await accept(unit, claimId)).toEqual(first);
    expect(await world.count('messages')).toBe(0);
  });

  it('accepts each caller of a flush by itself', async () => {
    await enter();
    const acceptor = world.steps.gateway.get(MessageAcceptor);
    const deadline = Deadline.in(10_000);
    const free = unitOf(null);
    const other = {
      ...free.items[0]!,
      message: { ...free.items[0]!.message, recipient: '380500000000' },
    };
    const [one, two] = await Promise.all([
      acceptor.accept(unitOf(null), deadline),
      acceptor.accept({ ...free, items: [other] }, deadline),
    ]);
    expect(one).toMatchObject({ items: [{ kind: 'refused' }] });
    expect(two).toMatchObject({ items: [{ kind: 'accepted' }] });
  });

  function messageOf(id: string): NewMessage {
    return {
      tenantId: readId('ten', world.tenant.id)!,
      id,
      accountId: readId('acc', world.tenant.accountId)!,
      apiKeyId: null,
      acceptedAt: new Date().toISOString(),
      sender: 'Tyrian',
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
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
      clientReference: null,
      groupName: null,
      metadata: null,
      requestId: null,
    };
  }
});

describe('the list', () => {
  it('holds a recipient once, widened and never narrowed', async () => {
    const first = await enter({ category: 'promotional', reason: 'Asked by phone' });
    expect(first).toMatchObject({ category: 'promotional', source: 'api', recipient });
    const wider = await enter({ category: null });
    expect(wider).toMatchObject({ id: first.id, category: 'all', reason: null });
    expect(await enter({ category: 'promotional', reason: 'x' })).toMatchObject({
      id: first.id,
      category: 'all',
    });
    expect(await entries()).toEqual([wider]);
    expect(await get(`/v1/suppressions/${first.id}`)).toEqual(wider);
  });

  it('is filtered, and read page by page', async () => {
    for (const end of [1, 2, 3]) await enter({ recipient: `+38067123456${end}` });
    const special = await enter({ recipient: '+380500000000', category: 'promotional' });
    expect(await entries('?category=promotional')).toEqual([special]);
    expect(await entries('?recipient=380500000000')).toEqual([special]);
    expect(await entries('?source=import')).toEqual([]);
    type Page = { data: Entry[]; next_cursor: string | null };
    const first = await get<Page>('/v1/suppressions?limit=3');
    const second = await get<Page>(`/v1/suppressions?limit=3&cursor=${first.next_cursor}`);
    expect([...first.data, ...second.data]).toEqual(await entries());
    expect(second.next_cursor).toBeNull();
    await get('/v1/suppressions?source=guess', 400);
    await get('/v1/suppressions?cursor=x', 400);
  });

  it('is nobody else’s: a foreign entry is like an absent one', async () => {
    const other = await createTenant(world.steps.gateway, {}, 'Other');
    const foreign = await enter({}, other);
    await get(`/v1/suppressions/${foreign.id}`, 404);
    await remove(foreign, 404);
    expect(await entries()).toEqual([]);
  });

  it('needs its scopes, and a key for all accounts', async () => {
    const keyWith = async (body: object) =>
      (
        await call<{ api_key: string }>(world.steps.gateway, 'POST', '/v1/api-keys', {
          token: world.tenant.apiKey,
          body: { name: 'k', ...body },
          expect: 201,
        })
      ).api_key;
    const reading = await keyWith({ scopes: ['suppressions:read'] });
    const restricted = await keyWith({ scopes: ['*'], account_ids: [world.tenant.accountId] });
    const status = async (method: string, token: string) =>
      (
        await fetch(`${world.steps.gateway.url}/v1/suppressions`, {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          ...(method === 'POST' ? { body: JSON.stringify({ recipient }) } : {}),
        })
      ).status;
    expect(await status('GET', reading)).toBe(200);
    expect(await status('POST', reading)).toBe(403);
    expect(await status('GET', restricted)).toBe(403);
    expect(await status('POST', restricted)).toBe(403);
  });

  it('leaves a line in the audit log for each change, without a number', async () => {
    const entry = await enter();
    await enter();
    await remove(entry);
    const lines = await world.database.query(
      `select action, before, after from audit_log where object_kind = 'suppression' and object_id = $1 order by id`,
      [readId('sup', entry.id)],
    );
    expect(lines).toMatchObject([
      { action: 'suppression.entered' },
      { action: 'suppression.removed' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('38067');
  });
});

describe('a file', () => {
  const send = (text: string | Buffer) =>
    post('/v1/suppressions/import', text, { type: 'text/csv; charset=utf-8' });

  it('enters its rows, and tells which are not right', async () => {
    const answer = await send(
      'recipient;category;reason\r\n+380671234567;promotional;"Said: ""no"";\r\nthanks"\r\nnobody;;\r\n\r\n00380501112233;;\r\n380671234568;some;\r\n',
    );
    expect(answer).toMatchObject({
      status: 200,
      body: {
        rows: 4,
        entered: 2,
        refused: 2,
        errors: [
          { line: 4, code: 'invalid_recipient' },
          { line: 7, code: 'invalid_value' },
        ],
      },
    });
    expect(
      (await entries())
        .map(({ recipient: to, category, reason, source }) => [to, category, reason, source])
        .sort(([a], [b]) => String(a).localeCompare(String(b))),
    ).toEqual([
      ['+380501112233', 'all', null, 'import'],
      ['+380671234567', 'promotional', 'Said: "no";\r\nthanks', 'import'],
    ]);
    expect(await send('+380671234567\n')).toMatchObject({ body: { rows: 1, entered: 1 } });
    expect(await send('+380671234567\n')).toMatchObject({ body: { rows: 1, entered: 0 } });
  });

  it.each([
    ['', ''],
    ['category\r\nall\r\n', '/recipient'],
    ['recipient,color\r\n', '/color'],
    ['recipient,recipient\r\n', '/recipient'],
    ['recipient\r\n"380671234567\r\n', ''],
    [Buffer.from([0xff, 0xfe, 0x00]), ''],
    [`recipient\r\n${'380671234567\r\n'.repeat(10_001)}`, ''],
  ])('is refused as a whole where it is none: %j', async (text, pointer) => {
    expect(await send(text)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer }] },
    });
  });

  it('comes out as it went in, however long the list', async () => {
    const rows = Array.from(
      { length: 2_500 },
      (_, n) => `+3806700${String(n).padStart(5, '0')},all,"a, ""b"""`,
    );
    const text = `recipient,category,reason\r\n${rows.join('\r\n')}\r\n`;
    expect(await send(text)).toMatchObject({ body: { entered: 2_500 } });
    const response = await fetch(`${world.steps.gateway.url}/v1/suppressions/export`, {
      headers: { authorization: `Bearer ${world.tenant.apiKey}` },
    });
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const out = await response.text();
    const lines = out.split('\r\n');
    expect(lines[0]).toBe('recipient,category,reason,source,created_at');
    expect(lines).toHaveLength(2_502);
    await world.database.query('delete from suppressions');
    expect(await send(out)).toMatchObject({ body: { rows: 2_500, entered: 2_500, refused: 0 } });
  });
});

describe('a stop word', () => {
  let inboundUrl: string;
  let token = 1;

  beforeAll(async () => {
    const path = `/v1/accounts/${world.tenant.accountId}`;
    inboundUrl = (await get<{ inbound_url: string }>(path)).inbound_url;
  });

  async function reply(text: string): Promise<number> {
    token += 1;
    const response = await fetch(inboundUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        message_token: token,
        phone_number: '380671234567',
        message: { text },
      }),
    });
    return response.status;
  }

  const put = (body: object, status = 200) =>
    call(world.steps.gateway, 'PUT', '/v1/stop-words', {
      token: world.tenant.apiKey,
      body,
      expect: status,
    });

  it('enters who replied with it, with the reply as its evidence', async () => {
    await reply('Please do not stop');
    expect(await entries()).toEqual([]);
    await reply(' «СТОП!» ');
    const { data } = await get<{ data: { id: string }[] }>('/v1/inbound-messages?limit=1');
    expect(await entries()).toMatchObject([
      {
        recipient,
        category: 'all',
        source: 'stop_word',
        reason: 'стоп',
        inbound_message_id: data[0]?.id,
      },
    ]);
    expect(await post('/v1/messages', wanted)).toMatchObject(refused);
  });

  it('is not lost without its reply: both are stored, or neither', async () => {
    await world.database.query('revoke insert on suppressions from tyrian_ingest');
    expect(await reply('stop')).toBe(503);
    expect(await world.count('inbound_messages')).toBe(0);
    await world.database.query('grant insert on suppressions to tyrian_ingest');
    expect(await reply('stop')).toBe(200);
    expect(await entries()).toHaveLength(1);
  });

  it('is one of the tenant’s own where it has set some', async () => {
    expect(await get('/v1/stop-words')).toMatchObject({ is_default: true, category: 'all' });
    expect(await put({ words: ['Genug!'], category: 'promotional' })).toMatchObject({
      words: ['Genug!'],
      category: 'promotional',
      is_default: false,
    });
    await reply('stop');
    expect(await entries()).toEqual([]);
    await reply('GENUG');
    expect(await entries()).toMatchObject([{ category: 'promotional', reason: 'Genug!' }]);
    expect(await put({ words: [] })).toMatchObject({ words: [], is_default: false });
    expect(await put({ words: null })).toMatchObject({ is_default: true });
    await reply('stop');
    expect(await entries()).toMatchObject([{ category: 'all' }]);
  });

  it.each([
    [{ words: ['!'] }, '/words/0'],
    [{ category: 'all' }, '/category'],
    [{ words: 'stop' }, '/words'],
    [{ words: ['x'], category: 'some' }, '/category'],
  ])('is refused where it is none: %j', async (body, pointer) => {
    expect(await put(body, 400)).toMatchObject({ errors: [{ pointer }] });
  });
});
