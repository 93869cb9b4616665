import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Binaries,
  findBinaries,
} from '../../../apps/gateway/src/platform/embedded/binaries.js';
import {
  initialise,
  type Installation,
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

export function makeCluster(installation: Installation): void {
  if (folder === undefined) initialise(installation);
  else initialise(installation, ['--locale=C']);
}
