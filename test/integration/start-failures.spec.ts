import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import pg from 'pg';
import { Vault } from '../../apps/gateway/src/platform/crypto/index.js';
import {
  DatabaseUnusable,
  examineServer,
  migrate,
} from '../../apps/gateway/src/platform/database/index.js';
import { sentenceFor } from '../../apps/gateway/src/start-failure.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { pretendServer } from '../support/pretended-server.js';
import { type Ended, runToEnd, startProgram } from '../support/program.js';

let database: TestDatabase;
/** Owned by `tyrian_owner`, and never migrated. */
let empty: string;
/** Takes connections and says nothing. */
let silent: Server;
const sockets = new Set<Socket>();

beforeAll(async () => {
  database = await createTestDatabase();
  empty = `${database.name}_empty`;
  await database.query(`create database ${empty} owner tyrian_owner`);
  silent = createServer((socket) => void sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  silent?.close();
  await database?.query(`drop database if exists ${empty} with (force)`);
  await database?.drop();
});

const change = (url: string, parts: Partial<URL>): string =>
  Object.assign(new URL(url), parts).href;
const login = (parts: Partial<URL> = {}): string => change(database.address.url, parts);
const owner = (parts: Partial<URL> = {}): string => change(database.address.ownerUrl, parts);
const silentPort = (): string => String((silent.address() as AddressInfo).port);

/** Everything a start tells on its errors: one sentence, and no word of Nest's own log anywhere. */
function sentenceOf({ code, output, errors }: Ended): string {
  expect(output).not.toMatch(/\[Nest\]|^\s+at /m);
  expect(errors.trimEnd().split('\n')).toHaveLength(1);
  expect(code).toBe(1);
  return errors.trimEnd();
}

describe('a start says in one sentence what is wrong with', () => {
  it.each<[string, () => { url?: string; ownerUrl?: string }, RegExp]>([
    [
      'a port of DATABASE_URL where nothing listens',
      () => ({ url: login({ port: '9' }) }),
      /^DATABASE_URL cannot be used: nothing listens .*ECONNREFUSED/,
    ],
    [
      'a host of DATABASE_OWNER_URL that there is not',
      () => ({ ownerUrl: owner({ hostname: 'nowhere.invalid' }) }),
      /^DATABASE_OWNER_URL cannot be used: .*nowhere\.invalid/,
    ],
    [
      'a host of DATABASE_OWNER_URL that is silent',
      () => ({ ownerUrl: owner({ port: silentPort() }) }),
      /^DATABASE_OWNER_URL cannot be used: no answer came/,
    ],
    [
      'the password in DATABASE_URL',
      () => ({ url: login({ password: 'wrong-one' }) }),
      /^DATABASE_URL cannot be used: the server takes neither this user nor this password/,
    ],
    [
      'the password in DATABASE_OWNER_URL',
      () => ({ ownerUrl: owner({ password: 'wrong-one' }) }),
      /^DATABASE_OWNER_URL cannot be used: the server takes neither this user nor this password/,
    ],
    [
      'a database that does not exist',
      () => ({ url: login({ pathname: 'no_such' }) }),
      /^DATABASE_URL cannot be used: the server has no such database/,
    ],
    [
      'a login that may not migrate, without an owner',
      () => ({ url: login({ pathname: empty }), ownerUrl: login({ pathname: empty }) }),
      /^DATABASE_URL cannot be used: its user lacks a right .* name it in DATABASE_OWNER_URL\.$/,
    ],
    [
      'TLS that the server does not speak',
      () => ({ url: login({ search: 'sslmode=verify-full' }) }),
      /^DATABASE_URL cannot be used: TLS failed/,
    ],
    [
      'a certificate that is missing',
      () => ({ url: login({ search: 'sslmode=verify-full&sslrootcert=/no/such.pem' }) }),
      /^DATABASE_URL cannot be used: a file or socket that it names is missing/,
    ],
  ])('%s', async (_, addresses, sentence) => {
    const { url = login(), ownerUrl = owner() } = addresses();
    const failure = await migrate(ownerUrl, url).then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(DatabaseUnusable);
    expect(sentenceFor(failure)).toMatch(sentence);
    expect(sentenceFor(failure)).not.toContain('wrong-one');
  });

  it.each([
    ['14.9', /^DATABASE_URL cannot be used: the server is PostgreSQL 14\.9, .* needs 15 or newer/],
    ['15.0 (Debian)', /^nothing$/],
    ['18.4', /^nothing$/],
    ['19beta1', /^PostgreSQL 19 is newer than 18/],
  ])('a server of version %s', async (version, sentence) => {
    const server = await pretendServer(version);
    const said = await examineServer(server.url).then(
      (warnings) => warnings[0] ?? 'nothing',
      (error: unknown) => sentenceFor(error),
    );
    server.close();
    expect(said).toMatch(sentence);
  });
});

describe.each(['main', 'migrate'] as const)('%s, as a process,', (program) => {
  it('ends with that sentence when DATABASE_URL leads to somebody who never answers', async () => {
    const ended = await runToEnd(program, { DATABASE_URL: login({ port: silentPort() }) });
    expect(sentenceOf(ended)).toMatch(/^DATABASE_URL cannot be used: no answer came/);
  }, 60_000);

  it('tells of another migration that it waits for', async () => {
    const holder = new pg.Client({ connectionString: owner() });
    await holder.connect();
    await holder.query(`select pg_advisory_lock(hashtext('tyrian.migrations'))`);
    const started = await startProgram(program, {
      DATABASE_URL: login(),
      DATABASE_OWNER_URL: owner(),
    });
    try {
      await started.says('aiting for another migration of this database to end');
      await holder.end();
      await started.says(program === 'main' ? '"ready"' : 'The schema is up to date.');
    } finally {
      await holder.end();
      started.child.kill('SIGTERM');
      await started.ended;
    }
  }, 90_000);
});

describe('main, as a process, says in one sentence what is wrong with', () => {
  it('a database that nobody has migrated, where it may not do so itself', async () => {
    const ended = await runToEnd('main', {
      DATABASE_URL: login({ pathname: empty }),
      MIGRATE_ON_START: 'false',
    });
    expect(sentenceOf(ended)).toMatch(/^The database lacks the migration \S+: run npm run migrate/);
  }, 60_000);

  it('a MASTER_KEY that is not the one which secrets are sealed with', async () => {
    const sealed = new Vault([{ id: 'lost', key: Buffer.alloc(32, 1) }]).seal('secret', ['place']);
    const [row] = await database.query<{ id: number }>(
      'insert into callback_keys (sealed_key, retired_at) values ($1, app_clock()) returning id',
      [sealed],
    );
    const ended = await runToEnd('main', {
      DATABASE_URL: login(),
      DATABASE_OWNER_URL: owner(),
      // What an earlier start sealed with k1 opens; the key that is lost came back as another one.
      MASTER_KEY: `k1:${Buffer.alloc(32, 7).toString('base64')},lost:${Buffer.alloc(32, 2).toString('base64')}`,
    });
    await database.query('delete from callback_keys where id = $1', [row?.id]);
    expect(sentenceOf(ended)).toMatch(/^The key with the id lost in MASTER_KEY is not the one/);
  }, 60_000);

  it.each([
    ['nowhere.invalid', /^HOST nowhere\.invalid is not known/],
    ['192.0.2.1', /^HOST 192\.0\.2\.1 is no address of this machine/],
  ])(
    'HOST=%s, and blames no database',
    async (host, sentence) => {
      const variables = { DATABASE_URL: login(), DATABASE_OWNER_URL: owner(), HOST: host };
      expect(sentenceOf(await runToEnd('main', variables))).toMatch(sentence);
    },
    60_000,
  );

  it('a PORT that is in use', async () => {
    const { port } = silent.address() as AddressInfo;
    const variables = {
      DATABASE_URL: login(),
      DATABASE_OWNER_URL: owner(),
      PORT: String(port),
    };
    expect(sentenceOf(await runToEnd('main', variables))).toMatch(
      new RegExp(`^PORT ${port} is in use on 127\\.0\\.0\\.1`),
    );
  }, 60_000);
});
