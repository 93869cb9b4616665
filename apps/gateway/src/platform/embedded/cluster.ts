import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findBinaries } from './binaries.js';
import { connectionUrl } from './connection-url.js';
import {
  newCredentials,
  type Passwords,
  readCredentials,
  writeCredentials,
} from './credentials.js';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { assertIntact, initialise, setSuperuserPassword } from './initialise.js';
import { operatingUser } from './operating-user.js';
import { findPostmaster, parentOf, stopPostmaster } from './postmaster.js';
import { PortTaken, Server } from './server.js';
import { freePort, isFree } from './ports.js';

export interface ClusterOptions {
  /** Absolute path of the folder that holds the cluster, its credentials and its log. */
  directory: string;
  /** Settings of PostgreSQL on top of ours, such as `max_connections`. */
  settings?: Readonly<Record<string, string>>;
}

/** A running server with every right over it; only harnesses keep hold of one. */
export interface Cluster {
  readonly port: number;
  readonly passwords: Passwords;
  readonly superuserUrl: string;
  /** Settles when the server is gone, whether it was stopped or died. */
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

const PORT_ATTEMPTS = 5;

/** @throws EmbeddedPostgresError */
export async function startCluster({ directory, settings }: ClusterOptions): Promise<Cluster> {
  const data = join(directory, 'postgres');
  const record = join(directory, 'postgres.json');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const user = operatingUser(data);
    const installation = { binaries: findBinaries(user), user, data };
    let credentials = readCredentials(record);
    await clearTheWay(data, credentials?.startedBy ?? null);

    if (!existsSync(data)) initialise(installation);
    assertIntact(data);
    if (credentials === null) {
      credentials = newCredentials();
      setSuperuserPassword(installation, credentials.passwords.superuser);
    }

    const { passwords } = credentials;
    let port = credentials.port;
    for (let attempt = 1; ; attempt += 1) {
      if (port === null || !(await isFree(port))) port = await freePort();
      writeCredentials(record, { passwords, port, startedBy: process.pid });
      const superuserUrl = connectionUrl({
        port,
        user: 'postgres',
        password: passwords.superuser,
        database: 'postgres',
      });
      const server = new Server(installation, join(directory, 'postgres.log'));
      try {
        await server.start({ port, superuserUrl, settings: settings ?? {} });
      } catch (error) {
        await server.stop();
        if (!(error instanceof PortTaken) || attempt === PORT_ATTEMPTS) throw error;
        port = null;
        continue;
      }
      const { exited } = server;
      return { port, passwords, superuserUrl, exited, stop: () => server.stop() };
    }
  } catch (error) {
    throw inOneSentence(error, directory);
  }
}

/**
 * A server may still run from an earlier start: one whose starter was killed is stopped first, so
 * that the new one is our child; one whose starter lives is somebody's, and stays.
 */
async function clearTheWay(data: string, startedBy: number | null): Promise<void> {
  const pid = findPostmaster(data);
  if (pid === null) {
    // PostgreSQL would take any process of ours under the number in a stale file for its own.
    rmSync(join(data, 'postmaster.pid'), { force: true });
    return;
  }
  if (startedBy !== null && parentOf(pid) === startedBy) {
    throw new EmbeddedPostgresError(
      `Another Tyrian (process ${startedBy}) already uses the database in ${data}: ` +
        'stop that one first, or start this one from a folder of its own.',
    );
  }
  await stopPostmaster(pid);
}

function inOneSentence(error: unknown, directory: string): unknown {
  const { code, path } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new EmbeddedPostgresError(
      `${path ?? directory} may not be written (${code}): ` +
        'give the folder to this user, or start as the user who made it.',
    );
  }
  if (code === 'ENOSPC') {
    return new EmbeddedPostgresError(`No space is left on the disk that holds ${directory}.`);
  }
  return error;
}
