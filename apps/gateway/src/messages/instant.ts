const iso8601 =
  /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/**
 * An ISO 8601 time with its offset, in milliseconds since the epoch; null for anything else. A time
 * without an offset means another instant on each machine, so it is none.
 */
export function readInstant(given: unknown): number | null {
  if (typeof given !== 'string') return null;
  const parts = iso8601.exec(given);
  if (!parts || !isDay(parts[1]!) || parts[2] === '24') return null;
  const at = Date.parse(given);
  return Number.isNaN(at) ? null : at;
}

/** Date.parse takes 30 February for 1 March. */
function isDay(day: string): boolean {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(day);
}
