import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Binaries,
  findBinaries,
} from '../../../apps/gateway/src/platform/embedded/binaries.js';
import {
  initialise,
  type Installation,
  pathFor,
  programContext,
} from '../../../apps/gateway/src/platform/embedded/initialise.js';
import type { OperatingUser } from '../../../apps/gateway/src/platform/embedded/operating-user.js';

/** The folder of another PostgreSQL's programs; without it runs take the embedded one. */
const folder = process.env['TYRIAN_CHAOS_POSTGRES_BIN'];

export function findPrograms(user: OperatingUser | null): Binaries {
  if (folder === undefined) return findBinaries(user);
  return { initdb: join(folder, 'initdb'), postgres: join(folder, 'postgres') };
}

/** PostgreSQL before 16 must reach its files by their own path, as its own user: lets it through a folder of ours. */
export function letThrough(directory: string): void {
  if (folder !== undefined) chmodSync(directory, 0o711);
}

/** An empty cluster that nobody can sign in to yet. The product makes them of its own version alone, whose locales no older one knows. */
export function makeCluster(installation: Installation): void {
  if (folder === undefined) return initialise(installation);
  const { binaries, user, data } = installation;
  mkdirSync(data, { mode: 0o700 });
  if (user !== null) chownSync(data, user.uid, user.gid);
  const settings = ['--username=postgres', '--auth=reject', '--encoding=UTF8', '--locale=C'];
  execFileSync(binaries.initdb, [`--pgdata=${pathFor(user, data)}`, ...settings], {
    ...programContext(user, data),
    stdio: 'ignore',
  });
  writeFileSync(join(data, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
}
