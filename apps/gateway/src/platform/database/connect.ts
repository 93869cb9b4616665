import pg from 'pg';
import { isConnectionLoss, sqlStateOf } from './sql-state.js';

/** The variable that an address came from, so that a sentence can name it. */
export type DatabaseVariable = 'DATABASE_URL' | 'DATABASE_OWNER_URL' | 'DATABASE_DIRECT_URL';

/** Why the database cannot be used: one sentence that names the variable to look at. */
export class DatabaseUnusable extends Error {
  override readonly name = 'DatabaseUnusable';

  constructor(
    readonly variable: DatabaseVariable,
    reason: string,
    cause?: unknown,
  ) {
    super(`${variable} cannot be used: ${reason}`, { cause });
  }
}

/** Signing in takes milliseconds; a host that swallows packets would take minutes to say nothing. */
export const connectTimeoutMs = 5_000;
const oldestMajor = 15;
const newestMajor = 18;

/** By SQLSTATE or by Node's code. What the server itself said is put behind it. */
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at its host and port. Is the database running?',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of its host cannot be looked up now',
  EHOSTUNREACH: 'there is no way to its host',
  ENETUNREACH: 'there is no way to its host',
  ECONNRESET: 'the other side closed the connection. Is it PostgreSQL?',
  ETIMEDOUT: 'no answer came. Is it PostgreSQL that listens there, and does a firewall let us in?',
  ENOENT: 'a file or socket that it names is missing',
  EACCES: 'a file or socket that it names is closed to this user',
  '28P01': 'the server takes neither this user nor this password',
  '28000': 'the server does not let this user in from here',
  '3D000': 'the server has no such database',
  '42501': 'its user lacks a right',
  '42704': 'something that is needed is missing in the database',
};

/** @throws DatabaseUnusable for whatever keeps a session from beginning, and for a server that is too old */
export async function connect(
  variable: DatabaseVariable,
  url: string,
  applicationName: string,
): Promise<{ client: pg.Client; major: number }> {
  let client: pg.Client | null = null;
  try {
    // Reads the certificates that the address names, and throws where one is missing.
    client = new pg.Client({
      connectionString: url,
      application_name: applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
    });
    // Whoever uses it hears of a loss from its statement.
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('show server_version');
    const major = Number.parseInt(rows[0]?.server_version ?? '', 10);
    // Not `>=`: what has no number is no PostgreSQL that we know.
    if (!(major >= oldestMajor)) {
      throw new DatabaseUnusable(
        variable,
        `the server is PostgreSQL ${rows[0]?.server_version}, and this build needs ${oldestMajor} or newer.`,
      );
    }
    return { client, major };
  } catch (error) {
    await client?.end().catch(() => undefined);
    throw error instanceof DatabaseUnusable ? error : unusable(variable, error);
  }
}

/**
 * Signs in once as the gateway will, before anything is built on it.
 * @returns what the operator should know, in sentences
 * @throws DatabaseUnusable
 */
export async function examineServer(url: string): Promise<string[]> {
  const { client, major } = await connect('DATABASE_URL', url, 'tyrian start');
  await client.end();
  return major <= newestMajor
    ? []
    : [
        `PostgreSQL ${major} is newer than ${newestMajor}, the newest that this build was tested on.`,
      ];
}

/** The error of a session that had begun: in words where it is the address, the user or the network. */
export function explainStatement(variable: DatabaseVariable, error: unknown): unknown {
  if (error instanceof DatabaseUnusable) return error;
  const state = sqlStateOf(error);
  if (state === '42501' || state === '42704' || isConnectionLoss(error))
    return unusable(variable, error);
  return error;
}

function unusable(variable: DatabaseVariable, error: unknown): DatabaseUnusable {
  const { message } = error as Error;
  const code = codeOf(error);
  // An AggregateError, of a host with several addresses, has no words of its own.
  const words = message.trim() || code || 'no reason was given';
  const reason = reasons[code] ?? (isTls(code, message) ? 'TLS failed' : null);
  const advice =
    code === '42501' && variable === 'DATABASE_URL'
      ? '. Migrations run as the owner of the database: name it in DATABASE_OWNER_URL'
      : '';
  return new DatabaseUnusable(
    variable,
    reason === null ? `${words}.` : `${reason} (${words})${advice}.`,
    error,
  );
}

function codeOf(error: unknown): string {
  const { code, message } = error as { code?: unknown; message?: string };
  if (typeof code === 'string') return code;
  return /timeout/i.test(message ?? '') ? 'ETIMEDOUT' : '';
}

function isTls(code: string, message: string): boolean {
  return /CERT|TLS|SSL|SIGNATURE|EPROTO/.test(code) || /\b(SSL|TLS|certificate)\b/i.test(message);
}
