import { randomBytes } from 'node:crypto';
import { chownSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';

export interface Passwords {
  readonly superuser: string;
  readonly owner: string;
  readonly login: string;
}

/** What an installation remembers of its embedded server between two starts. */
export interface Credentials {
  readonly passwords: Passwords;
  /** The port of the last start, so that an open database client finds the server again. */
  readonly port: number | null;
  /** The process that started the server last, to tell an orphan from one in use. */
  readonly startedBy: number | null;
}

export function newCredentials(): Credentials {
  const password = (): string => randomBytes(24).toString('base64url');
  return {
    passwords: { superuser: password(), owner: password(), login: password() },
    port: null,
    startedBy: null,
  };
}

/** @returns null when there is no such file. */
export function readCredentials(file: string): Credentials | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const parsed = parse(text);
  if (parsed === null) {
    throw new EmbeddedPostgresError(
      `${file} cannot be read as the credentials of the embedded database: ` +
        'restore it from a backup, or delete it to have new ones made.',
    );
  }
  return parsed;
}

/** Replaces the file in one step, so that a crash leaves either the old or the new one. */
export function writeCredentials(file: string, credentials: Credentials): void {
  const draft = `${file}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  const previous = statSync(file, { throwIfNoEntry: false });
  // Started by root once, an installation must still belong to the user who made it.
  if (previous !== undefined && process.getuid?.() === 0) {
    chownSync(draft, previous.uid, previous.gid);
  }
  renameSync(draft, file);
}

function parse(text: string): Credentials | null {
  let parsed: Partial<Credentials> | null;
  try {
    parsed = JSON.parse(text) as Partial<Credentials> | null;
  } catch {
    return null;
  }
  const { passwords, port, startedBy } = parsed ?? {};
  const complete = [passwords?.superuser, passwords?.owner, passwords?.login].every(
    (password) => typeof password === 'string' && password.length > 0,
  );
  if (passwords === undefined || !complete) return null;
  return {
    passwords,
    port: typeof port === 'number' ? port : null,
    startedBy: typeof startedBy === 'number' ? startedBy : null,
  };
}
