import { execFileSync } from 'node:child_process';
import { chownSync, copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { DatabaseAddress } from '../../apps/gateway/src/platform/database/index.js';
import {
  provisionDatabase,
  provisionRoles,
  startCluster,
} from '../../apps/gateway/src/platform/embedded/index.js';
import { eventually } from './gateway.js';

/** A PostgreSQL of one test file's own, with the two logins and nothing else. */
export interface OwnServer {
  readonly superuserUrl: string;
  /** Makes a database that was never migrated. */
  emptyDatabase(name: string): Promise<DatabaseAddress>;
  /** Where a database of this server is. */
  addressOf(name: string): DatabaseAddress;
  query<Row>(text: string): Promise<Row[]>;
  stop(): Promise<void>;
}

/** @param settings of PostgreSQL, on top of the product's own */
export async function startOwnServer(
  settings: Readonly<Record<string, string>>,
): Promise<OwnServer> {
  return startIn(newDirectory(), settings);
}

function newDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'tyrian-own-'));
}

async function startIn(
  directory: string,
  settings: Readonly<Record<string, string>>,
): Promise<OwnServer> {
  const cluster = await startCluster({ directory, settings });
  const { superuserUrl, passwords } = cluster;
  const addressOf = (name: string): DatabaseAddress => {
    const as = (username: string, password: string): string =>
      Object.assign(new URL(superuserUrl), { pathname: name, username, password }).href;
    const url = as('tyrian', passwords.login);
    return new DatabaseAddress(url, as('tyrian_owner', passwords.owner), url, 12);
  };
  const server: OwnServer = {
    superuserUrl,
    async emptyDatabase(name) {
      await provisionDatabase(superuserUrl, name);
      return addressOf(name);
    },
    addressOf,
    query: <Row>(text: string) => query<Row>(superuserUrl, text),
    async stop() {
      await cluster.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
  // One that was restored has its logins, and may take nothing before it is promoted.
  if (!('restore_command' in settings)) await provisionRoles(superuserUrl, passwords);
  return server;
}

async function query<Row>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** A server whose WAL is archived within its data directory, and that can be restored to any later time. */
export interface ArchivedServer extends OwnServer {
  /** A second server, from a base backup that was taken at the start and the WAL up to the time; on a new timeline. */
  restoreTo(time: string): Promise<OwnServer>;
}

export async function startArchivedServer(): Promise<ArchivedServer> {
  const directory = newDirectory();
  const server = await startIn(directory, {
    archive_mode: 'on',
    // The directory need not be there before the cluster is.
    archive_command: 'mkdir -p archive && cp %p archive/%f',
  });
  const backup = newDirectory();
  await takeBackup(server.superuserUrl, directory, backup);
  return {
    ...server,
    async restoreTo(time) {
      const data = join(directory, 'postgres');
      const [wal] = await server.query<{ name: string }>(
        'select pg_walfile_name(pg_switch_wal()) as name',
      );
      await eventually(
        async () =>
          (
            await server.query<{ archived: boolean }>(
              `select last_archived_wal >= '${wal?.name}' as archived from pg_stat_archiver`,
            )
          )[0]?.archived,
        { withinMs: 30_000, what: 'an archived WAL' },
      );
      execFileSync('cp', ['-a', join(data, 'archive'), join(backup, 'postgres')]);
      const restored = await startIn(backup, {
        restore_command: 'cp archive/%f %p',
        recovery_target_time: time,
        recovery_target_action: 'promote',
      });
      await eventually(
        async () =>
          (await restored.query<{ done: boolean }>('select not pg_is_in_recovery() as done'))[0]
            ?.done,
        { withinMs: 60_000, what: 'the end of recovery' },
      );
      return restored;
    },
    async stop() {
      await server.stop();
      rmSync(backup, { recursive: true, force: true });
    },
  };
}

/** Copies the files while the server runs; the label tells recovery where to begin. */
async function takeBackup(url: string, from: string, to: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`select pg_backup_start('test', true)`);
    copyFileSync(join(from, 'postgres.json'), join(to, 'postgres.json'));
    execFileSync('cp', ['-a', join(from, 'postgres'), join(to, 'postgres')]);
    const { rows } = await client.query<{ labelfile: string }>(
      'select labelfile from pg_backup_stop(false)',
    );
    const data = join(to, 'postgres');
    rmSync(join(data, 'postmaster.pid'));
    execFileSync('find', [join(data, 'pg_wal'), '-type', 'f', '-delete']);
    const { uid, gid } = statSync(data);
    for (const [name, text] of [
      ['backup_label', rows[0]?.labelfile ?? ''],
      ['recovery.signal', ''],
    ] as const) {
      writeFileSync(join(data, name), text);
      chownSync(join(data, name), uid, gid);
    }
  } finally {
    await client.end();
  }
}
