import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { operatingUser } from '../../apps/gateway/src/platform/embedded/operating-user.js';
import {
  provisionDatabase,
  provisionRoles,
} from '../../apps/gateway/src/platform/embedded/index.js';
import { DatabaseAddress } from '../../apps/gateway/src/platform/database/index.js';
import { eventually, freePort } from './gateway.js';

const programs = '/usr/lib/postgresql/15/bin';

/** Whether this machine has PostgreSQL 15, the oldest that is supported. */
export const hasPostgres15 = existsSync(join(programs, 'postgres'));

export interface Postgres15 {
  readonly superuserUrl: string;
  readonly address: DatabaseAddress;
  stop(): Promise<void>;
}

/** A throw-away PostgreSQL 15 with the two logins and an empty database. */
export async function startPostgres15(): Promise<Postgres15> {
  const directory = mkdtempSync(join(tmpdir(), 'tyrian-15-'));
  const user = operatingUser(directory);
  if (user) chownSync(directory, user.uid, user.gid);
  const context = { cwd: directory, stdio: 'ignore' as const, ...user };
  const settings = [
    '--username=postgres',
    '--auth=trust',
    '--no-sync',
    '--encoding=UTF8',
    '--locale=C',
  ];
  execFileSync(join(programs, 'initdb'), [`--pgdata=${directory}`, ...settings], context);
  const port = await freePort();
  const flags = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=off',
    `port=${port}`,
  ];
  const child = spawn(
    join(programs, 'postgres'),
    ['-D', directory, ...flags.flatMap((flag) => ['-c', flag])],
    context,
  );
  const exited = once(child, 'exit');
  const superuserUrl = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await eventually(() => answers(superuserUrl), { withinMs: 20_000, what: 'PostgreSQL 15' });
  const passwords = { owner: 'owner', login: 'login' };
  await provisionRoles(superuserUrl, passwords);
  await provisionDatabase(superuserUrl, 'tyrian');
  const as = (username: string, password: string): string =>
    Object.assign(new URL(superuserUrl), { pathname: 'tyrian', username, password }).href;
  const url = as('tyrian', passwords.login);
  return {
    superuserUrl: Object.assign(new URL(superuserUrl), { pathname: 'tyrian' }).href,
    address: new DatabaseAddress(url, as('tyrian_owner', passwords.owner), url, 12),
    async stop() {
      child.kill('SIGINT');
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
