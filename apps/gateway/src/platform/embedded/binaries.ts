import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { canReach, type OperatingUser } from './operating-user.js';

/** Where root keeps a copy of the programs when the user of PostgreSQL cannot reach ours. */
const SHARED_COPIES = '/var/lib/tyrian';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds PostgreSQL's programs for this machine, which npm installed as an optional package.
 * A clone below `/root` is closed to the user that PostgreSQL runs as; the programs are then
 * copied once to a folder that is open.
 */
export function findBinaries(user: OperatingUser | null): Binaries {
  const { directory, version } = findPackage();
  const native = join(directory, 'native');
  restoreSymlinks(directory);
  const home =
    user === null || canReach(user, join(native, 'bin')) ? native : copy(native, version);
  const binaries = {
    initdb: join(home, 'bin', 'initdb'),
    postgres: join(home, 'bin', 'postgres'),
  };
  for (const file of Object.values(binaries)) makeExecutable(file);
  return binaries;
}

function findPackage(): { directory: string; version: string } {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const embedded = createRequire(import.meta.url).resolve('embedded-postgres');
    const directory = dirname(dirname(createRequire(embedded).resolve(name)));
    const manifest = readFileSync(join(directory, 'package.json'), 'utf8');
    return { directory, version: (JSON.parse(manifest) as { version: string }).version };
  } catch {
    throw new EmbeddedPostgresError(
      `No embedded PostgreSQL is installed for this machine (${name}): ` +
        'run npm ci without --omit=optional, or set DATABASE_URL to a PostgreSQL of your own.',
    );
  }
}

// The package makes these links in an install script, which npm may have been told not to run.
function restoreSymlinks(directory: string): void {
  const list = join(directory, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(directory, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(relative(dirname(target), source), link);
    } catch (error) {
      // Another process that begins for the first time was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

function copy(native: string, version: string): string {
  const target = join(SHARED_COPIES, `postgresql-${version}`);
  if (existsSync(target)) return target;
  mkdirSync(SHARED_COPIES, { recursive: true, mode: 0o755 });
  // Renamed when complete: a start that is cut short must not leave half a copy behind.
  const draft = `${target}.${process.pid}`;
  cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
  // Whatever root's umask is: that others may read them is what the copies are for.
  for (const path of ['', ...readdirSync(draft, { recursive: true })]) {
    const file = join(draft, String(path));
    const { mode } = statSync(file);
    chmodSync(file, mode | (mode & 0o100 ? 0o555 : 0o444));
  }
  chmodSync(SHARED_COPIES, 0o755);
  try {
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { recursive: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

function makeExecutable(file: string): void {
  const { mode } = statSync(file);
  if ((mode & 0o555) !== 0o555) chmodSync(file, mode | 0o555);
}
