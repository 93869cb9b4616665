import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adminToken } from '../support/configuration.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { call, createTenant, eventually, type TestTenant } from '../support/gateway.js';
import { spawnGateway, type GatewayProcess } from '../support/gateway-process.js';
import { startProvider, type TestProvider } from '../support/provider.js';
import { callbackUrl } from '../support/world.js';
import { everyRow, formsOf, foundIn } from './planted.js';

/** Planted values that nothing else contains, in each of the forms in which they could leak. */
const plants = {
  providerKey: 'provider-key-7d1f0c',
  rotatedKey: 'rotated-key-93be11',
  phones: ['380671112233', '380672223344', '380673334455', '380674445566', '380675556677'],
  texts: [
    'The parcel of Oksana 81f2',
    'Your password is tr0ub4dor',
    'Reply of Ivan 55c1',
    'Batch text 7e02',
  ],
};

let database: TestDatabase;
let provider: TestProvider;
let gateway: GatewayProcess;
let tenant: TestTenant;
/** Every answer that the gateway gave in the test, apart from those that are the tenant's own content. */
const answers: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  let lastId = 100;
  // A provider that says back all it was told, in every way it may refuse.
  provider = await startProvider((request) => {
    const echo = JSON.stringify(JSON.stringify(request.body));
    const text = JSON.stringify(request.body['text']);
    if (!request.path.endsWith('send-viber')) request.answer(404, `<p>${echo}</p>`);
    else if (text.includes('Oksana')) request.accept((lastId += 1));
    else if (text.includes('password'))
      request.answer(
        200,
        `{"name":"Invalid Parameter: [text]","message":${echo},"code":1,"status":400}`,
      );
    else request.answer(500, `<h1>500</h1>${echo}`);
  });
  gateway = await spawnGateway({
    database,
    providerUrl: provider.url,
    variables: { LOG_LEVEL: 'trace' },
  });
  tenant = await createTenant(gateway, { provider_key: plants.providerKey });
});

afterAll(async () => {
  await gateway?.end('SIGTERM');
  await provider.close();
  await database.drop();
});

async function ask(
  method: string,
  path: string,
  options: { token?: string; body?: string; type?: string } = {},
): Promise<number> {
  const response = await fetch(gateway.url + path, {
    method,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.body === undefined ? {} : { 'content-type': options.type ?? 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: options.body }),
  });
  const text = await response.text();
  if (response.status >= 400) answers.push(text);
  return response.status;
}

const message = (recipient: string, text: string) => JSON.stringify({ recipient, text });

/** Everything that carries a plant, on good ways and on bad ones. */
async function traffic(): Promise<void> {
  const { apiKey, accountId } = tenant;
  const [first, second, third, fourth, fifth] = plants.phones as [
    string,
    string,
    string,
    string,
    string,
  ];
  const [parcel, password, reply, batch] = plants.texts as [string, string, string, string];
  const token = apiKey;
  await ask('POST', '/v1/messages', { token, body: message(`+${first}`, parcel) });
  await ask('POST', '/v1/messages', { token, body: message(`+${second}`, password) });
  await ask('POST', '/v1/messages', { token, body: message(`+${third}`, `${batch} unknown`) });
  await ask('POST', '/v1/messages/batch', {
    token,
    body: `{"messages":[${message(`+${fourth}`, batch)},{"recipient":"${fifth}x","text":"${batch}"},{"text":"${password}","nonsense":"${first}"}]}`,
  });
  await ask('POST', '/v1/messages', { token, body: `{"recipient":"+${first}","text":"${parcel}"` });
  await ask('POST', '/v1/messages', { token, body: `{"text":"${parcel}","text":"${password}"}` });
  await ask('POST', '/v1/messages', { token, body: `${parcel} ${first}`, type: 'text/plain' });
  await ask('GET', `/v1/messages?recipient=%2B${first}&sender=${encodeURIComponent(parcel)}`, {
    token,
  });
  await ask('GET', `/v1/nothing/${first}/${encodeURIComponent(parcel)}`, { token });
  await ask('GET', '/v1/messages', { token: `${apiKey.slice(0, -4)}aaaa` });
  await ask('GET', '/admin/tenants', { token: `${adminToken}x` });
  await ask('POST', `/v1/accounts/${accountId}/rotate-provider-key`, {
    token,
    body: JSON.stringify({ provider_key: plants.rotatedKey }),
  });
  await ask('POST', '/v1/accounts', {
    token,
    body: JSON.stringify({
      name: 'Bad',
      provider_key: plants.providerKey,
      nonsense: plants.rotatedKey,
    }),
  });
  await eventually(
    async () =>
      provider.requests.filter(({ path }) => path.endsWith('send-viber')).length >= 3 &&
      (await open()) <= 2,
    { withinMs: 20_000, what: 'an answer to each send' },
  );
  const url = callbackUrl(provider.requests.find(({ body }) => body['text'] === parcel));
  const { pathname } = new URL(url);
  await ask('POST', pathname, { body: JSON.stringify({ message_id: 101, status: 1 }) });
  await ask('POST', `${pathname.slice(0, -2)}xx`, { body: JSON.stringify({ status: 1 }) });
  await ask('POST', pathname, { body: `{"phone_number":"${first}","unreadable":"${reply}"` });
  await ask('POST', pathname, {
    body: JSON.stringify({
      message_token: 5_741_311_803_571_721,
      phone_number: first,
      time: 1_700_000_000,
      message: { text: reply, tracking_data: 'tracking_id:101' },
    }),
  });
  await ask('GET', `${pathname}?text=${encodeURIComponent(reply)}&phone_number=${first}`);
  // What a database says of a lost connection or a bad row may hold its parameters.
  const sending = Array.from({ length: 5 }, () =>
    ask('POST', '/v1/messages', { token, body: message(`+${first}`, parcel) }).catch(() => 0),
  );
  await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  await Promise.all(sending);
  await eventually(async () => (await ask('GET', '/health/ready')) === 200, { withinMs: 15_000 });
}

async function open(): Promise<number> {
  const [row] = await database.query<{ count: number }>(
    'select count(*)::int as count from outgoing',
  );
  return row?.count ?? -1;
}

describe('S5 and S6: planted secrets, numbers and texts', () => {
  it('are in no log, metric, error or view of an operator; and no secret is in the database', async () => {
    await traffic();
    const apiSecret = tenant.apiKey.slice(tenant.apiKey.lastIndexOf('_') + 1);
    const macs = provider.requests.flatMap(({ body }) =>
      typeof body['callback_url'] === 'string'
        ? [body['callback_url'].slice(body['callback_url'].lastIndexOf('.') + 1)]
        : [],
    );
    expect(macs.length).toBeGreaterThan(2);
    const secrets = [
      ...formsOf(plants.providerKey),
      ...formsOf(plants.rotatedKey),
      ...formsOf(apiSecret),
      ...formsOf(adminToken),
      Buffer.alloc(32, 7).toString('base64'),
      ...macs,
    ];
    const content = [...plants.phones, ...plants.texts];
    const views: string[] = [await (await fetch(`${gateway.url}/metrics`)).text()];
    for (const path of ['/admin/lanes', '/admin/overview', '/admin/audit-log', '/admin/tenants'])
      views.push(
        JSON.stringify(await call(gateway, 'GET', path, { token: adminToken, expect: 200 })),
      );
    const timelines = await Promise.all(
      (
        await call<{ data: { id: string }[] }>(gateway, 'GET', '/v1/messages', {
          token: tenant.apiKey,
          expect: 200,
        })
      ).data.map(({ id }) =>
        call(gateway, 'GET', `/v1/messages/${id}/timeline`, { token: tenant.apiKey, expect: 200 }),
      ),
    );
    const rows = await everyRow(database);
    const log = gateway.output();

    // The traps are armed: all of it did pass through.
    expect(foundIn(rows, content).toSorted()).toEqual(
      content.filter((value) => !value.startsWith('380675')).toSorted(),
    );
    expect(log.split('\n').length).toBeGreaterThan(20);
    expect(answers.length).toBeGreaterThan(8);

    expect(foundIn(log, [...secrets, ...content])).toEqual([]);
    expect(foundIn(views.join('\n'), [...secrets, ...content])).toEqual([]);
    expect(foundIn(answers.join('\n'), secrets)).toEqual([]);
    expect(foundIn(JSON.stringify(timelines), [...secrets, ...plants.phones])).toEqual([]);
    expect(foundIn(rows, secrets)).toEqual([]);
  });
});
