import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DatabaseAddress } from '../../apps/gateway/src/platform/database/index.js';
import { readId, showId } from '../../apps/gateway/src/platform/ids/index.js';
import { ProofRunner } from '../../apps/gateway/src/reconciliation/proof-runner.js';
import { createSandbox, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { adminToken } from '../support/configuration.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startDatabaseProxy, type DatabaseProxy } from '../support/database-proxy.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';
import { routes, type Belongings, type Route } from './s1-routes.js';

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
}

interface OpenApiOperation {
  readonly operationId: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
}

const document = JSON.parse(
  readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'),
) as { paths: Record<string, Record<string, OpenApiOperation>> };

function operationsOf(scheme: 'api_key' | 'admin_token' | null): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, { security }]) =>
        scheme === null ? security === undefined : security?.some((way) => scheme in way),
      )
      .map(([method, { operationId: id }]) => ({ id, method: method.toUpperCase(), path })),
  );
}

const ofTenants = operationsOf('api_key');
const ofOperators = operationsOf('admin_token');
/** Neither key nor token: nothing of a tenant may be there. */
const ofAnybody = operationsOf(null);

const plants = {
  text: 'The parcel of Oksana 81f2',
  recipient: '380671112233',
  reference: 'planted-reference',
  metadata: 'planted-metadata',
  keyName: 'planted key name',
  account: 'planted account name',
  inbound: 'planted reply 55c1',
  group: 'planted-group',
  suppressed: '380672224455',
  hook: 'planted-hook',
  stopWord: 'planted-stop',
};

/** `tenant_id = $1`, in our own statements and in TypeORM's; joins of two tables stay. */
const tenantPredicate =
  /((?:"?\w+"?\.)?"?tenant_id"?) = (any \(\$\d+::uuid\[\]\)|\$\d+(?:::uuid)?)/gi;
/** What the gateway itself changes of a tenant's things. */
const changesByItself =
  /"(last_used_at|rate_per_second|estimated_drain_seconds|waiting_for|key_verdict|key_checked_at|failing_since)":[^,}]*/g;
const takesRole = /set local role (tyrian_\w+)/i;
const ends = /^\s*(commit|rollback)\b/i;

/** Takes the tenant out of what runs for a tenant. Statements of other roles are for many tenants at once. */
class PredicateRemover {
  readonly changed = new Set<string>();
  private readonly ofTenant = new Set<number>();

  rewrite(connection: number, text: string): string {
    const role = takesRole.exec(text)?.[1];
    if (role === 'tyrian_tenant') this.ofTenant.add(connection);
    else if (role !== undefined || ends.test(text)) this.ofTenant.delete(connection);
    if (!this.ofTenant.has(connection)) return text;
    const without = text.replaceAll(tenantPredicate, '($1 = $2 or true)');
    if (without !== text) this.changed.add(text);
    return without;
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

class Stage {
  tenant!: TestTenant;
  stranger!: TestTenant;
  belongings!: Belongings;
  absent!: Belongings;
  readonly keys: Record<string, string | undefined> = {};
  private constructor(
    readonly database: TestDatabase,
    readonly sandbox: Sandbox,
    private readonly proxy: DatabaseProxy,
    readonly gateway: TestGateway,
  ) {}

  static async open(remover: PredicateRemover | null): Promise<Stage> {
    const database = await createTestDatabase();
    const sandbox = await createSandbox({ port: 0, deliveryMs: 20 });
    const { url, ownerUrl } = database.address;
    const proxy = await startDatabaseProxy(
      url,
      undefined,
      remover === null ? undefined : (...statement) => remover.rewrite(...statement),
    );
    const gateway = await startGateway({
      database: { address: new DatabaseAddress(proxy.url, ownerUrl, proxy.url, 12) },
      providerUrl: sandbox.url,
    });
    const stage = new Stage(database, sandbox, proxy, gateway);
    await stage.furnish();
    return stage;
  }

  async close(): Promise<void> {
    await this.gateway.close();
    await this.proxy.close();
    await this.sandbox.close();
    await this.database.drop();
  }

  async ask(
    { method, path }: { readonly method: string; readonly path: string },
    token: string | undefined,
    body?: unknown,
  ): Promise<Answer> {
    const response = await fetch(this.gateway.url + path, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined
          ? {}
          : { 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json' }),
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  }

  /** What of the tenant stands in an answer that somebody else got. */
  leaksIn({ text }: Answer): string[] {
    const { accountId, id } = this.tenant;
    return [...Object.values(plants), ...Object.values(this.belongings), accountId, id].filter(
      (plant) => text.includes(plant),
    );
  }

  /** Everything of the tenant as it sees it itself. */
  async inventory(): Promise<string> {
    const { account, message, apiKey, suppression, conversation, endpoint } = this.belongings;
    const paths = [
      `/v1/accounts/${account}`,
      `/v1/messages/${message}`,
      `/v1/api-keys/${apiKey}`,
      `/v1/suppressions/${suppression}`,
      `/v1/conversations/${conversation}/messages`,
      `/v1/webhook-endpoints/${endpoint}`,
      '/v1/stop-words',
    ];
    const answers = await Promise.all(
      paths.map((path) => this.ask({ method: 'GET', path }, this.tenant.apiKey)),
    );
    return answers.map(({ text }) => text.replaceAll(changesByItself, '')).join('\n');
  }

  private async furnish(): Promise<void> {
    this.tenant = await createTenant(this.gateway, { name: plants.account }, 'Owner');
    this.stranger = await createTenant(this.gateway, {}, 'Stranger');
    const { apiKey: token, accountId } = this.tenant;
    const post = <Body>(path: string, body?: unknown, as = token) =>
      call<Body>(this.gateway, 'POST', path, {
        token: as,
        ...(body === undefined ? {} : { body }),
      });
    const message = {
      recipient: plants.recipient,
      text: plants.text,
      client_reference: plants.reference,
      metadata: { plant: plants.metadata },
      group: plants.group,
      two_way: true,
    };
    const sent = await post<{ id: string }>('/v1/messages', message);
    await eventually(async () => {
      const row = await call<{ status: string }>(this.gateway, 'GET', `/v1/messages/${sent.id}`, {
        token,
      });
      return row.status === 'delivered';
    });
    const account = await call<{ inbound_url: string }>(
      this.gateway,
      'GET',
      `/v1/accounts/${accountId}`,
      { token },
    );
    await fetch(account.inbound_url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        message_token: 5_000_000_000_000_001,
        phone_number: plants.recipient,
        time: Math.floor(Date.now() / 1_000),
        message: { text: plants.inbound, tracking_data: '' },
      }),
    });
    const endpoint = await post<{ id: string }>('/v1/webhook-endpoints', {
      url: `http://127.0.0.1:9/${plants.hook}`,
      events: ['message.queued'],
    });
    const suppression = await post<{ id: string }>('/v1/suppressions', {
      recipient: plants.suppressed,
    });
    await call(this.gateway, 'PUT', '/v1/stop-words', {
      token,
      body: { words: [plants.stopWord] },
      expect: 200,
    });
    const firstOf = async (path: string): Promise<string> => {
      let found: { id: string } | undefined;
      await eventually(
        async () => {
          const list = await call<{ data: { id: string }[] }>(this.gateway, 'GET', path, { token });
          found = list.data[0];
          return found !== undefined;
        },
        { what: `something at ${path}` },
      );
      return found!.id;
    };
    const conversation = await firstOf('/v1/conversations');
    // From here on nothing goes out: a message that waits can be cancelled, by whoever may.
    await post(`/v1/accounts/${accountId}/pause`);
    const waiting = await post<{ id: string }>('/v1/messages', message);
    const key = await post<{ id: string }>('/v1/api-keys', {
      name: plants.keyName,
      scopes: ['messages:send'],
    });
    await this.gateway.get(ProofRunner).runOnce(new Date().toISOString().slice(0, 10));
    const delivery = await firstOf(`/v1/webhook-endpoints/${endpoint.id}/deliveries`);
    this.belongings = {
      account: accountId,
      message: waiting.id,
      apiKey: key.id,
      suppression: suppression.id,
      conversation,
      endpoint: endpoint.id,
      delivery,
    };
    const nobodys = readId('msg', waiting.id)!.replace(/.{6}$/, 'ffffff');
    this.absent = {
      account: showId('acc', nobodys),
      message: showId('msg', nobodys),
      apiKey: showId('key', nobodys),
      suppression: showId('sup', nobodys),
      conversation: showId('cnv', nobodys),
      endpoint: showId('whe', nobodys),
      delivery: showId('evt', nobodys),
    };
    await this.cutKeys(post);
  }

  /** Keys of the stranger that open nothing any more, and of the owner that open something else. */
  private async cutKeys(
    post: <Body>(path: string, body?: unknown, as?: string) => Promise<Body>,
  ): Promise<void> {
    const make = (scopes: string[]) =>
      post<{ id: string; api_key: string }>('/v1/api-keys', { name: 'x', scopes });
    const [revoked, expired, audit, messages] = [
      await make(['*']),
      await make(['*']),
      await make(['audit:read']),
      await make(['messages:read']),
    ];
    await post(`/v1/api-keys/${revoked.id}/revoke`);
    await this.database.query(
      `update api_keys set expires_at = now() - interval '1 minute' where id = $1`,
      [readId('key', expired.id)],
    );
    Object.assign(this.keys, {
      'no key': undefined,
      'a made-up key': `tyr_live_abcdefgh_${'x'.repeat(43)}`,
      'the admin token': adminToken,
      'a revoked key': revoked.api_key,
      'an expired key': expired.api_key,
      'a key of another scope': audit.api_key,
      'a key of yet another scope': messages.api_key,
    });
  }
}

function triesOf(id: string): readonly Route[] {
  const route = routes[id];
  if (route === undefined) return [];
  return Array.isArray(route) ? (route as readonly Route[]) : [route as Route];
}

/** The request that a try makes, with the tenant's things or with some that nobody has. */
function requestOf(operation: Operation, route: Route, of: Belongings) {
  const path = typeof route.path === 'function' ? route.path(of) : (route.path ?? operation.path);
  const body = typeof route.body === 'function' ? route.body(of) : route.body;
  return { method: operation.method, path, body };
}

const withoutIds = (answer: Answer, of: Belongings): Answer => ({
  ...answer,
  text: Object.entries(of).reduce((text, [name, id]) => text.replaceAll(id, name), answer.text),
});

describe('S1: every route of the OpenAPI file', () => {
  it('is tried here', () => {
    const missing = ofTenants.map(({ id }) => id).filter((id) => routes[id] === undefined);
    expect(missing).toEqual([]);
    expect(Object.keys(routes).filter((id) => !ofTenants.some((known) => known.id === id))).toEqual(
      [],
    );
    expect(ofAnybody.map(({ path }) => path).sort()).toEqual([
      '/health/live',
      '/health/ready',
      '/health/startup',
      '/metrics',
    ]);
  });
});

describe.each([
  ['as it is', false],
  ['with the tenant taken out of the queries', true],
])('S1: a stranger, %s', (_, isWithoutPredicates) => {
  const remover = isWithoutPredicates ? new PredicateRemover() : null;
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(remover);
  }, 120_000);
  afterAll(() => stage?.close());

  it('is told of a foreign object what is told of an absent one, to the byte', async () => {
    const before = await stage.inventory();
    const told: unknown[] = [];
    for (const operation of ofTenants) {
      for (const route of triesOf(operation.id).filter(({ kind }) => kind === 'names')) {
        const [foreign, absent] = [stage.belongings, stage.absent];
        const { body, ...request } = requestOf(operation, route, foreign);
        const answer = await stage.ask(request, stage.stranger.apiKey, body);
        const nothing = requestOf(operation, route, absent);
        const same = await stage.ask(nothing, stage.stranger.apiKey, nothing.body);
        const isTold = withoutIds(answer, foreign);
        if (JSON.stringify(isTold) !== JSON.stringify(withoutIds(same, absent))) {
          told.push({ operation: operation.id, answer, same });
        }
        if (answer.status >= 500) told.push({ operation: operation.id, answer });
      }
    }
    expect(told).toEqual([]);
    expect(await stage.inventory()).toBe(before);
  });

  it('sees nothing of the tenant in what is his own, and the tenant does', async () => {
    const leaks: unknown[] = [];
    const blind: string[] = [];
    for (const operation of ofTenants) {
      for (const route of triesOf(operation.id).filter(({ kind }) => kind === 'own')) {
        const { body, ...request } = requestOf(operation, route, stage.belongings);
        const answer = await stage.ask(request, stage.stranger.apiKey, body);
        const leaked = stage.leaksIn(answer);
        if (leaked.length > 0) leaks.push({ request, leaked });
        if (operation.method !== 'GET') continue;
        const isBare = 'isBare' in route && route.isBare === true;
        if (isBare && answer.status !== 404 && !answer.text.includes('"data":[]')) {
          leaks.push({ request, answer });
        }
        const ofOwner = await stage.ask(request, stage.tenant.apiKey);
        const sees = isBare
          ? ofOwner.status === 200 && !ofOwner.text.includes('"data":[]')
          : stage.leaksIn(ofOwner).length > 0;
        if (!sees) blind.push(`${request.method} ${request.path}: ${ofOwner.text}`);
      }
    }
    expect(leaks).toEqual([]);
    expect(blind).toEqual([]);
  });

  it.each([
    'no key',
    'a made-up key',
    'the admin token',
    'a revoked key',
    'an expired key',
    'a key of another scope',
  ])('opens nothing with %s', async (name) => {
    const before = await stage.inventory();
    const open: unknown[] = [];
    for (const operation of ofTenants) {
      for (const route of triesOf(operation.id)) {
        const { body, ...request } = requestOf(operation, route, stage.belongings);
        const isItsScope = name.endsWith('another scope') && operation.path === '/v1/audit-log';
        const key = stage.keys[isItsScope ? 'a key of yet another scope' : name];
        const answer = await stage.ask(request, key, body);
        const wanted = name.includes('scope') ? 403 : 401;
        if (answer.status !== wanted || stage.leaksIn(answer).length > 0) {
          open.push({ operation: operation.id, answer });
        }
      }
    }
    expect(open).toEqual([]);
    expect(await stage.inventory()).toBe(before);
  });

  it('opens no door of the operators, and finds nothing where no key is asked for', async () => {
    const open: unknown[] = [];
    for (const { id, method, path } of ofOperators) {
      const { account, message } = stage.belongings;
      const at = path
        .replace('{account_id}', account)
        .replace('{tenant_id}', stage.tenant.id)
        .replace(/\{\w+\}/, message);
      for (const token of [undefined, stage.stranger.apiKey, stage.tenant.apiKey]) {
        const answer = await stage.ask({ method, path: at }, token);
        if (answer.status !== 401) open.push({ id, answer });
      }
    }
    expect(open).toEqual([]);
    for (const { path } of ofAnybody) {
      const answer = await stage.ask({ method: 'GET', path }, undefined);
      expect({ path, leaks: stage.leaksIn(answer) }).toEqual({ path, leaks: [] });
    }
  });

  if (remover !== null) {
    it('is kept out by the second wall alone: where that falls, this test sees it', async () => {
      expect(remover.changed.size).toBeGreaterThanOrEqual(15);
      const tables = await stage.database.query<{ name: string }>(
        `select relname as name from pg_class where relrowsecurity and relnamespace = 'public'::regnamespace`,
      );
      for (const { name } of tables) {
        await stage.database.query(`alter table ${name} disable row level security`);
      }
      const list = { method: 'GET', path: '/v1/messages' };
      expect(stage.leaksIn(await stage.ask(list, stage.stranger.apiKey))).toContain(plants.text);
    });
  }
});
