import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { canReach, type OperatingUser } from './operating-user.js';

export const MAJOR_VERSION = '18';

export interface Installation {
  readonly binaries: Binaries;
  /** null: PostgreSQL runs as ourselves. */
  readonly user: OperatingUser | null;
  /** The data directory. */
  readonly data: string;
}

/** How a program of PostgreSQL is run on a data directory. */
export interface ProgramContext {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
}

/** The same order and the same letter cases on every machine, whatever its locales. */
const builtinLocale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];

/**
 * Makes an empty cluster that nobody can sign in to yet. It is made beside its place and moved
 * there when complete, so that a start cut short is not taken for a database.
 * @param locale arguments of initdb; programs before PostgreSQL 17 do not know those of ours
 */
export function initialise(
  { binaries, user, data }: Installation,
  locale: readonly string[] = builtinLocale,
): void {
  const draft = `${data}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  if (user !== null) chownSync(draft, user.uid, user.gid);
  const outcome = spawnSync(
    binaries.initdb,
    [
      `--pgdata=${pathFor(user, draft)}`,
      '--username=postgres',
      '--auth=reject',
      '--encoding=UTF8',
      ...locale,
    ],
    { ...programContext(user, draft), encoding: 'utf8' },
  );
  if (outcome.status !== 0) {
    throw new EmbeddedPostgresError(`PostgreSQL could not be set up: ${lastWords(outcome)}`);
  }
  writeFileSync(join(draft, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
  renameSync(draft, data);
}

/** Works on a stopped cluster, and needs no password: for a new one, or when the old one is lost. */
export function setSuperuserPassword(installation: Installation, password: string): void {
  const { binaries, user, data } = installation;
  const outcome = spawnSync(
    binaries.postgres,
    ['--single', '-D', pathFor(user, data), 'postgres'],
    {
      ...programContext(user, data),
      input: `alter role postgres password '${password}'\n`,
      encoding: 'utf8',
    },
  );
  // Single-user mode ends with 0 after a failed statement, too.
  if (outcome.status !== 0 || /\b(ERROR|FATAL|PANIC):/.test(outcome.stderr)) {
    throw doesNotStart(data, lastWords(outcome));
  }
}

/** @throws EmbeddedPostgresError when the folder cannot be a cluster of this version. */
export function assertIntact(data: string): void {
  const file = join(data, 'PG_VERSION');
  const version = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (version === MAJOR_VERSION) return;
  if (/^\d+$/.test(version)) {
    throw new EmbeddedPostgresError(
      `The database in ${data} was made by PostgreSQL ${version} and this build brings ` +
        `${MAJOR_VERSION}: move it with pg_dump and pg_restore, or move the folder away to begin ` +
        'with an empty one.',
    );
  }
  throw doesNotStart(data, 'PG_VERSION is missing');
}

export function doesNotStart(data: string, reason: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `The embedded database in ${data} does not start (${reason}); nothing of it was deleted: ` +
      `restore it from a backup, or begin with an empty one by moving it away (mv ${data} ${data}.broken).`,
  );
}

export function programContext(user: OperatingUser | null, directory: string): ProgramContext {
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
  return { cwd: directory, env, ...user };
}

/**
 * A clone below `/root`, or a `.data` of mode 0700, is closed to the user that PostgreSQL runs as.
 * The program is put into the data directory before it becomes that user, and stays able to name
 * it through /proc.
 */
export function pathFor(user: OperatingUser | null, directory: string): string {
  if (user === null || canReach(user, directory)) return directory;
  if (process.platform === 'linux') return '/proc/self/cwd';
  throw new EmbeddedPostgresError(
    `PostgreSQL does not run as root, and its user cannot reach ${directory}: ` +
      'start as an ordinary user, or move the folder to a place that others may enter.',
  );
}

function lastWords({ stderr, error, status }: SpawnSyncReturns<string>): string {
  const lines = (stderr ?? '')
    .trim()
    .split('\n')
    .filter((line) => line !== '');
  return error?.message ?? lines.at(-1) ?? `status ${status}`;
}
