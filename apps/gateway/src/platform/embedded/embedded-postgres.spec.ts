import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findBinaries } from './binaries.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.js';
import { pathFor, programContext } from './initialise.js';
import { operatingUser } from './operating-user.js';
import { findPostmaster } from './postmaster.js';
import { settings } from './settings.js';

describe('startEmbeddedPostgres', () => {
  let dataDirectory: string;
  let server: EmbeddedPostgres | undefined;

  // One for all tests, each of which leaves it sound: making a new one takes seconds.
  beforeAll(() => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'tyrian-embedded-'));
  });

  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  afterAll(() => {
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  it('gives two logins of which neither is a superuser nor bypasses row level security', async () => {
    server = await startEmbeddedPostgres({ dataDirectory });
    const own = `select rolname, rolsuper, rolbypassrls, rolcreaterole,
      (select datdba = pg_roles.oid from pg_database where datname = current_database()) as owner
      from pg_roles where rolname = current_user`;
    expect(await query(server.url, own)).toEqual([
      { rolname: 'tyrian', ...plain, rolcreaterole: false, owner: false },
    ]);
    expect(await query(server.ownerUrl, own)).toEqual([
      { rolname: 'tyrian_owner', ...plain, rolcreaterole: true, owner: true },
    ]);
  });

  it('is durable and listens on the loopback address alone', async () => {
    server = await startEmbeddedPostgres({ dataDirectory });
    const [row] = await query(
      server.url,
      `select current_setting('fsync') as fsync,
        current_setting('synchronous_commit') as synchronous_commit,
        current_setting('listen_addresses') as listen_addresses`,
    );
    expect(row).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      listen_addresses: '127.0.0.1',
    });
  });

  it('keeps rows, passwords and port from one start to the next, readable by us alone', async () => {
    server = await startEmbeddedPostgres({ dataDirectory });
    const { url } = server;
    await query(server.ownerUrl, 'create table kept as select 42 as answer');
    await server.stop();
    await expect(server.exited).resolves.toBeUndefined();

    server = await startEmbeddedPostgres({ dataDirectory });
    expect(server.url).toBe(url);
    expect(await query(server.ownerUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
    expect(statSync(join(dataDirectory, 'postgres.json')).mode & 0o777).toBe(0o600);
  });

  it('refuses a database that a living process already uses', async () => {
    server = await startEmbeddedPostgres({ dataDirectory });
    await expect(startEmbeddedPostgres({ dataDirectory })).rejects.toThrow(
      /Another Tyrian \(process \d+\) already uses/,
    );
    expect(await query(server.url, 'select 1 as alive')).toEqual([{ alive: 1 }]);
  });

  it('stops the orphan of a killed start and takes over its rows', async () => {
    server = await startEmbeddedPostgres({ dataDirectory });
    await query(server.ownerUrl, 'create table saved as select 42 as answer');
    await server.stop();
    const orphan = startOrphan(dataDirectory);
    while (findPostmaster(join(dataDirectory, 'postgres')) === null) await tick();

    server = await startEmbeddedPostgres({ dataDirectory });
    expect(orphan.exitCode ?? orphan.signalCode).not.toBeNull();
    expect(await query(server.ownerUrl, 'select answer from saved')).toEqual([{ answer: 42 }]);
  });

  it('starts over the postmaster.pid that a crash left, whatever runs under that number', async () => {
    server = await startEmbeddedPostgres({ dataDirectory });
    await server.stop();
    const stale = `${process.ppid}\n${join(dataDirectory, 'postgres')}\n1\n5432\n\n127.0.0.1\n`;
    writeFileSync(join(dataDirectory, 'postgres', 'postmaster.pid'), stale);

    server = await startEmbeddedPostgres({ dataDirectory });
    expect(await query(server.url, 'select 1 as alive')).toEqual([{ alive: 1 }]);
  });

  it('moves to another port when its own is taken', async () => {
    server = await startEmbeddedPostgres({ dataDirectory });
    const port = Number(new URL(server.url).port);
    await server.stop();
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      server = await startEmbeddedPostgres({ dataDirectory });
      expect(Number(new URL(server.url).port)).not.toBe(port);
      expect(await query(server.url, 'select 1 as alive')).toEqual([{ alive: 1 }]);
    } finally {
      squatter.close();
    }
  });

  it('makes new passwords when the old ones are lost', async () => {
    server = await startEmbeddedPostgres({ dataDirectory });
    await server.stop();
    rmSync(join(dataDirectory, 'postgres.json'));

    server = await startEmbeddedPostgres({ dataDirectory });
    expect(await query(server.url, 'select 1 as alive')).toEqual([{ alive: 1 }]);
  });

  it('says in one sentence that a database is broken, and deletes nothing of it', async () => {
    server = await startEmbeddedPostgres({ dataDirectory });
    await server.stop();
    const control = join(dataDirectory, 'postgres', 'global', 'pg_control');
    renameSync(control, `${control}.lost`);

    await expect(startEmbeddedPostgres({ dataDirectory })).rejects.toThrow(
      /does not start \(.*pg_control.*\); nothing of it was deleted: .*\(mv /,
    );
    expect(existsSync(`${control}.lost`)).toBe(true);
    renameSync(`${control}.lost`, control);
  });

  it('does not wait for a database whose tables are gone', async () => {
    const base = join(dataDirectory, 'postgres', 'base');
    renameSync(base, `${base}.away`);
    const startedAt = performance.now();
    const sentence = await startEmbeddedPostgres({ dataDirectory }).then(
      () => 'it started',
      (error: Error) => error.message,
    );
    rmSync(base, { recursive: true, force: true });
    renameSync(`${base}.away`, base);
    expect(sentence).toMatch(/^The embedded database in .*postgres does not start \(/);
    expect(performance.now() - startedAt).toBeLessThan(45_000);
  }, 90_000);

  it('names the two versions when another PostgreSQL made the database', async () => {
    server = await startEmbeddedPostgres({ dataDirectory });
    await server.stop();
    writeFileSync(join(dataDirectory, 'postgres', 'PG_VERSION'), '17\n');

    await expect(startEmbeddedPostgres({ dataDirectory })).rejects.toThrow(
      /made by PostgreSQL 17 and this build brings 18/,
    );
    writeFileSync(join(dataDirectory, 'postgres', 'PG_VERSION'), '18\n');
  });

  it('writes no statement into its log, as statements carry texts and phone numbers', async () => {
    server = await startEmbeddedPostgres({ dataDirectory });
    await expect(query(server.url, "select 'secret text' as x from missing")).rejects.toThrow();
    expect(readFileSync(join(dataDirectory, 'postgres.log'), 'utf8')).not.toContain('secret text');
  });
});

const plain = { rolsuper: false, rolbypassrls: false };

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A server whose recorded starter is dead. */
function startOrphan(dataDirectory: string): ReturnType<typeof spawn> {
  const data = join(dataDirectory, 'postgres');
  const record = join(dataDirectory, 'postgres.json');
  const credentials = JSON.parse(readFileSync(record, 'utf8')) as { port: number };
  writeFileSync(record, JSON.stringify({ ...credentials, startedBy: 2 ** 30 }));
  const user = operatingUser(data);
  const flags = Object.entries({ ...settings, port: String(credentials.port) });
  return spawn(
    findBinaries(user).postgres,
    ['-D', pathFor(user, data), ...flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...programContext(user, data), stdio: 'ignore' },
  );
}
