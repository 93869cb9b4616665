/** What a failed statement tells about itself, read from SQLSTATE and from the driver's own errors. */

const connectionErrorCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

const connectionErrorTexts = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Query read timeout',
  'Client has encountered a connection error',
  'Client was closed',
  'Cannot use a pool after calling end',
  'Connection ended unexpectedly',
];

/** SQLSTATE of an error of PostgreSQL; null for any other error. */
export function sqlStateOf(error: unknown): string | null {
  const code = (error as { code?: unknown } | null)?.code;
  // No class begins with E, but the codes of Node's own errors do: EPIPE is none.
  return typeof code === 'string' && /^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code) ? code : null;
}

/** Our own statement time-out: the server is there and has rolled back. */
const statementTimeout = '57014';
/** The server ended a transaction that we left alone for too long, and the connection with it. */
const idleInTransaction = '25P03';
/** The server became a standby under us: the connection leads to the wrong one now. */
const readOnly = '25006';

/** The connection or the server went away: classes 08, 57 and 53, or no answer at all. */
export function isConnectionLoss(error: unknown): boolean {
  const state = sqlStateOf(error);
  if (state === idleInTransaction || state === readOnly) return true;
  if (state !== null) return /^(08|53|57)/.test(state) && state !== statementTimeout;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && connectionErrorCodes.has(code)) return true;
  if (error instanceof AggregateError) return error.errors.some(isConnectionLoss);
  return (
    error instanceof Error && connectionErrorTexts.some((text) => error.message.includes(text))
  );
}

/** Serialisation failure, deadlock or a statement that took too long: rolled back, it may simply run again. */
export function isWorthRepeating(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === '40001' || state === '40P01' || state === statementTimeout;
}

/** We closed the pool ourselves: no patience brings it back. */
export function isPoolClosed(error: unknown): boolean {
  return error instanceof Error && error.message.includes('Cannot use a pool after calling end');
}

/** A value that the database does not take, or a constraint that it breaks: classes 22 and 23. */
export function isDataRefused(error: unknown): boolean {
  return /^(22|23)/.test(sqlStateOf(error) ?? '');
}

/** One of the rows is to blame (bad value, constraint, a lock that another holds), not the batch. */
export function isOneRowsFault(error: unknown): boolean {
  return isDataRefused(error) || isLockTimeout(error);
}

export function isLockTimeout(error: unknown): boolean {
  return sqlStateOf(error) === '55P03';
}

/** The name of the violated constraint, where there is one. */
export function constraintOf(error: unknown): string | null {
  const constraint = (error as { constraint?: unknown } | null)?.constraint;
  return typeof constraint === 'string' ? constraint : null;
}
