import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import {
  startCluster,
  startEmbeddedPostgres,
} from '../../apps/gateway/src/platform/embedded/index.js';
import { createSandbox, recipientFor, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { adminToken } from '../support/configuration.js';
import { call, createTenant, eventually } from '../support/gateway.js';
import { type GatewayProcess, spawnGateway } from '../support/gateway-process.js';
import { pause, read, send } from '../support/steps.js';

let directory: string;
let sandbox: Sandbox;
let gateway: GatewayProcess;

/** The embedded default as `npm start` has it, but for a server that writes down each statement. */
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tyrian-roles-'));
  sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
  await (await startEmbeddedPostgres({ dataDirectory: directory })).stop();
  const cluster = await startCluster({ directory });
  const superuser = new pg.Client({ connectionString: cluster.superuserUrl });
  await superuser.connect();
  for (const setting of [`log_statement = 'all'`, `log_line_prefix = '@@%c|%u|%a|%d@@'`])
    await superuser.query(`alter system set ${setting}`);
  await superuser.end();
  await cluster.stop();
  truncateSync(log());
  gateway = await spawnGateway({
    providerUrl: sandbox.url,
    variables: {
      NODE_ENV: 'development',
      DATA_DIRECTORY: directory,
      DRAIN_DELAY_MS: '0',
    },
  });
}, 90_000);

afterAll(async () => {
  await gateway?.end('SIGTERM');
  await sandbox?.close();
  rmSync(directory, { recursive: true, force: true });
});

const log = (): string => join(directory, 'postgres.log');

interface Statement {
  readonly session: string;
  readonly user: string;
  readonly application: string;
  readonly text: string;
}

/** What the server ran, in its order: simple statements, and executions of prepared ones. */
function statements(): Statement[] {
  const entries = /^@@(?<prefix>.*?)@@(?<line>[^]*?)(?=^@@|$(?![^]))/gm;
  return [...readFileSync(log(), 'utf8').matchAll(entries)].flatMap(({ groups }) => {
    const text = /^LOG: {2}(?:statement|execute [^:]*): ([^]*)$/.exec(groups?.['line'] ?? '')?.[1];
    const [session = '', user = '', application = ''] = (groups?.['prefix'] ?? '').split('|');
    return text === undefined ? [] : [{ session, user, application, text: text.trim() }];
  });
}

/** The role of a text that begins a transaction with it and with the time-outs, and does nothing else; or null. */
function openingRole(text: string): string | null {
  const [, settings] = /^begin;\s*([^]*)$/.exec(text) ?? [];
  return settings === undefined ? null : settledRole(settings);
}

/** The role of a text that sets it and the time-outs for one transaction, and does nothing else; or null. */
function settledRole(text: string): string | null {
  const [role, ...settings] = text.replace(/^set transaction read only;\s*/, '').split(/;\s*/);
  const name = /^set local role tyrian_(ingest|worker|tenant|operator)$/.exec(role ?? '')?.[1];
  const names = settings.map((setting) => /^set local ([a-z_.]+) = \S+$/.exec(setting)?.[1]);
  const isWhole = [
    'lock_timeout',
    'idle_in_transaction_session_timeout',
    'statement_timeout',
  ].every((limit) => names.includes(limit));
  const isOther = names.some((setting) => setting === undefined || setting === 'role');
  return name !== undefined && isWhole && !isOther ? name : null;
}

/** What the drivers and the migrations ask when they connect, and listening: they read no table. */
const harmless =
  /^(listen tyrian_work|select version\(\)|show server_version|select \* from current_schema\(\)|select current_database\(\)|select session_user::text as name)$/i;

/** What the superuser does at each start, before anything is ready: logins, the database, who may connect. */
const provisioning = [
  /^select 1$/,
  /^select from pg_(roles|database) where (rolname|datname) = \$1$/,
  /^(create|alter) role (tyrian_owner login nosuperuser nocreatedb nobypassrls createrole inherit|tyrian login nosuperuser nocreatedb nobypassrls nocreaterole noinherit) password '[\w-]+'$/,
  /^create database "tyrian" owner tyrian_owner$/,
  /^revoke all on database "tyrian" from public$/,
  /^grant connect, temporary on database "tyrian" to tyrian$/,
];

interface Judged {
  /** Statements that ran under no role, or before the time-outs were set. */
  readonly strays: string[];
  readonly transactions: number;
  readonly roles: Set<string>;
}

/**
 * Follows each session through its transactions: nothing but the harmless runs outside of one; the first thing in
 * one are the role and the time-outs, in one text; and no statement changes the role again.
 */
function judge(found: readonly Statement[]): Judged {
  const strays: string[] = [];
  const roles = new Set<string>();
  const states = new Map<string, 'outside' | 'begun' | 'ready'>();
  let transactions = 0;
  for (const { session, text } of found) {
    const state = states.get(session) ?? 'outside';
    const whole = openingRole(text);
    const settled = state === 'begun' ? settledRole(text) : null;
    let next: typeof state | null = null;
    if (/^(commit|rollback)$/i.test(text)) next = 'outside';
    else if (state === 'outside' && whole !== null) next = 'ready';
    else if (state === 'outside' && /^start transaction$/i.test(text)) next = 'begun';
    else if (state === 'outside' && harmless.test(text)) next = 'outside';
    else if (settled !== null) next = 'ready';
    else if (
      state === 'ready' &&
      !/\b(set|reset)\s+(local\s+|session\s+)?(role|session authorization)\b/i.test(text)
    )
      next = 'ready';
    if (next === null) strays.push(`${state}: ${text.slice(0, 150)}`);
    if (state === 'outside' && (next === 'ready' || next === 'begun')) transactions += 1;
    const name = whole ?? settled;
    if (name !== null) roles.add(name);
    states.set(session, next ?? state);
  }
  return { strays, transactions, roles };
}

describe('no code path of the running gateway runs its SQL as superuser, table owner or BYPASSRLS, in the embedded default', () => {
  it('judges by what a server logs: a statement without a role is found', () => {
    const of = (...texts: string[]) =>
      judge(texts.map((text) => ({ session: 's', user: '', application: '', text }))).strays;
    const begin = `begin; set local role tyrian_worker; set local lock_timeout = 1;set local idle_in_transaction_session_timeout = 1;set local statement_timeout = 1`;
    expect(of(begin, 'select 1', 'commit')).toEqual([]);
    expect(of('select 1')).toHaveLength(1);
    expect(of('begin', 'select 1', 'commit')).not.toEqual([]);
    expect(of('begin; delete from messages')).toHaveLength(1);
    expect(of(begin.replace('set local lock_timeout = 1;', ''), 'commit')).toHaveLength(1);
    expect(of(`${begin}; delete from messages`, 'commit')).not.toEqual([]);
    expect(of(begin, 'reset role', 'commit')).toHaveLength(1);
    expect(of(begin, 'set role tyrian_owner', 'commit')).toHaveLength(1);
    expect(of(begin, 'commit', 'select 1')).toHaveLength(1);
    expect(of('START TRANSACTION', 'select 1', 'COMMIT')).toHaveLength(1);
    // Neither the role alone nor the time-outs alone.
    expect(of('START TRANSACTION', 'set local role tyrian_tenant', 'COMMIT')).toHaveLength(1);
    const settings = begin.slice('begin; '.length);
    expect(of('START TRANSACTION', settings, 'select 1', 'COMMIT')).toEqual([]);
    expect(of('START TRANSACTION', `set transaction read only; ${settings}`, 'COMMIT')).toEqual([]);
  });

  it('sends, follows, reads, edits and keeps house under the four roles alone', async () => {
    const ready = statements().length;
    const tenant = await createTenant(gateway);
    const as = { token: tenant.apiKey };
    const operator = { token: adminToken };
    const first = await send(gateway, tenant);
    const unheard = await send(gateway, tenant, {
      recipient: `+${recipientFor('no_callback', 1)}`,
    });
    await send(gateway, tenant, { two_way: true, recipient: `+${recipientFor('reply', 1)}` });
    const lost = await send(gateway, tenant, {
      recipient: `+${recipientFor('timeout_after', 1)}`,
      delivery_mode: 'at_least_once',
    });
    await send(gateway, tenant, { send_at: new Date(Date.now() + 1_500).toISOString() });
    const scheduled = await send(gateway, tenant, {
      send_at: new Date(Date.now() + 3_600_000).toISOString(),
    });
    await call(gateway, 'POST', `/v1/messages/${scheduled}/cancel`, { ...as, expect: 200 });
    const batch = {
      messages: [{ recipient: '+380671234567', text: 'One' }, { text: 'No recipient' }],
    };
    for (let times = 0; times < 2; times += 1) {
      await call(gateway, 'POST', '/v1/messages/batch', {
        ...as,
        body: batch,
        headers: { 'idempotency-key': 'batch' },
        expect: 202,
      });
    }
    await eventually(async () => (await read(gateway, tenant, first)).status === 'delivered');
    const account = `/v1/accounts/${tenant.accountId}`;
    const key = await call<{ id: string }>(gateway, 'POST', '/v1/api-keys', {
      ...as,
      body: { name: 'Second', scopes: ['messages:read'] },
      expect: 201,
    });
    const connection = await call<{ connection: { id: string } }>(gateway, 'GET', account, as);
    const requests: [string, string, { token: string; body?: unknown }][] = [
      ['GET', '/v1/messages', as],
      ['GET', '/v1/messages?status=delivered', as],
      ['GET', `/v1/messages/${first}/timeline`, as],
      ['GET', '/v1/inbound-messages', as],
      ['GET', '/v1/accounts', as],
      ['PATCH', account, { ...as, body: { name: 'Renamed' } }],
      ['POST', `${account}/pause`, as],
      ['POST', `${account}/resume`, as],
      ['POST', `${account}/rotate-provider-key`, { ...as, body: { provider_key: 'another' } }],
      ['GET', '/v1/api-keys', as],
      ['POST', `/v1/api-keys/${key.id}/rotate`, as],
      ['POST', `/v1/api-keys/${key.id}/revoke`, as],
      ['GET', '/v1/audit-log', as],
      ['GET', '/admin/tenants', operator],
      ['GET', `/admin/tenants/${tenant.id}`, operator],
      ['PATCH', `/admin/tenants/${tenant.id}`, { ...operator, body: { name: 'Renamed' } }],
      ['POST', `/admin/tenants/${tenant.id}/suspend`, operator],
      ['POST', `/admin/tenants/${tenant.id}/resume`, operator],
      ['GET', '/admin/lanes', operator],
      ['GET', `/admin/lanes/${tenant.accountId}`, operator],
      ['POST', `/admin/lanes/${tenant.accountId}/pause`, operator],
      ['POST', `/admin/lanes/${tenant.accountId}/resume`, operator],
      ['POST', '/admin/callback-keys/rotate', operator],
      ['GET', '/admin/audit-log', operator],
      ['GET', '/health/ready', operator],
    ];
    if (connection.connection?.id !== undefined)
      requests.push(['POST', `/admin/connections/${connection.connection.id}/resume`, operator]);
    for (const [method, path, options] of requests) {
      const answer = await fetch(gateway.url + path, {
        method,
        headers: {
          authorization: `Bearer ${options.token}`,
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      });
      expect({ method, path, ok: answer.status < 400 }).toEqual({ method, path, ok: true });
    }
    await eventually(async () => (await read(gateway, tenant, unheard)).status === 'sent');
    await eventually(async () => (await read(gateway, tenant, lost)).attempts >= 1);
    await pause(2_500);

    const all = statements();
    expect(new Set(all.slice(ready).map((statement) => statement.user))).toEqual(
      new Set(['tyrian']),
    );
    const owners = all.filter((statement) => statement.user === 'tyrian_owner');
    expect(new Set(owners.map((statement) => statement.application))).toEqual(
      new Set(['tyrian migrations']),
    );
    const superuser = all.filter((statement) => statement.user === 'postgres');
    expect(superuser.length).toBeGreaterThan(5);
    expect(superuser.filter(({ text }) => !provisioning.some((known) => known.test(text)))).toEqual(
      [],
    );
    const own = all.filter((statement) => statement.user === 'tyrian');
    const judged = judge(own);
    expect([...new Set(judged.strays)]).toEqual([]);
    expect([...judged.roles].sort()).toEqual(['ingest', 'operator', 'tenant', 'worker']);
    expect(judged.transactions).toBeGreaterThan(200);
    // That all of it was seen: accepting, the queue, evidence, replies, the relay, the reconciler, house-keeping.
    const seen = own.map((statement) => statement.text).join('\n');
    const tables = (
      'messages outgoing scheduled intents awaiting receipts inbound_messages outbox feed idempotency_keys ' +
      'provider_ids daily_counts usage_counts lanes workers connection_states connections accounts tenants ' +
      'api_keys audit_log callback_keys installation'
    ).split(' ');
    expect(tables.filter((table) => !new RegExp(`\\b${table}\\b`).test(seen))).toEqual([]);
  }, 60_000);

  it('and signs in as a login that is nobody: no superuser, no owner, no BYPASSRLS, nothing by itself', async () => {
    const { passwords, port } = JSON.parse(
      readFileSync(join(directory, 'postgres.json'), 'utf8'),
    ) as {
      passwords: { login: string };
      port: number;
    };
    const login = new pg.Client({
      connectionString: `postgres://tyrian:${passwords.login}@127.0.0.1:${port}/tyrian`,
    });
    await login.connect();
    const { rows } = await login.query(
      `select session_user::text as name, rolsuper, rolbypassrls, rolinherit,
         exists (select 1 from pg_class where relowner = r.oid) as owns,
         (select count(*)::int from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
            and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete')) as tables
       from pg_roles r where rolname = session_user`,
    );
    await login.end();
    expect(rows).toEqual([
      {
        name: 'tyrian',
        rolsuper: false,
        rolbypassrls: false,
        rolinherit: false,
        owns: false,
        tables: 0,
      },
    ]);
  });
});

describe('the embedded default', () => {
  it('ends with one sentence when its server dies, so that somebody starts it again', async () => {
    const [pid] = readFileSync(join(directory, 'postgres', 'postmaster.pid'), 'utf8').split(
      '\n',
      1,
    );
    const exited = once(gateway.child, 'exit');
    process.kill(Number(pid), 'SIGKILL');
    expect(await exited).toEqual([1, null]);
    expect(gateway.output()).toContain('the embedded PostgreSQL ended');
  });
});
