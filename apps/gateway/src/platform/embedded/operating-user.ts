import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';

/** The user of the operating system that PostgreSQL runs as. */
export interface OperatingUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root: there it runs as `postgres`, which is created where it is
 * missing, or as `nobody` where it cannot be created. A cluster that an ordinary user made before
 * goes on running as that user.
 *
 * @returns null when we are not root, so the server runs as ourselves.
 */
export function operatingUser(data: string): OperatingUser | null {
  if (process.getuid?.() !== 0) return null;
  const owner = statSync(data, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const user = findUser('postgres') ?? createPostgresUser() ?? findUser('nobody');
  if (user === null) {
    throw new EmbeddedPostgresError(
      'PostgreSQL does not run as root and this machine has no other user for it: ' +
        'create one named postgres (useradd --system postgres), or set DATABASE_URL.',
    );
  }
  return user;
}

/** Whether this user can open the folder: every folder above it has to let them through. */
export function canReach(user: OperatingUser, directory: string): boolean {
  const path = resolve(directory);
  const { mode, uid, gid } = statSync(path);
  const execute = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  if ((mode & execute) === 0) return false;
  const parent = dirname(path);
  return parent === path || canReach(user, parent);
}

function findUser(name: string): OperatingUser | null {
  let passwd: string;
  try {
    passwd = readFileSync('/etc/passwd', 'utf8');
  } catch {
    return null;
  }
  const line = passwd.split('\n').find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = (line ?? '').split(':').map(Number);
  return uid === undefined || gid === undefined || uid === 0 ? null : { uid, gid };
}

function createPostgresUser(): OperatingUser | null {
  try {
    execFileSync(
      'useradd',
      ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'],
      { stdio: 'ignore' },
    );
  } catch {
    return null;
  }
  return findUser('postgres');
}
