import { numberOf } from '../judge/histories.js';
import { readNdjson } from '../judge/ndjson.js';
import type { World } from './world.js';

/** A send as the provider decided it. */
export interface ProviderSend {
  /** The client's number of the message. */
  readonly n: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly decision: string;
}

interface Line {
  readonly at: string;
  readonly kind: string;
  readonly decision: string;
  readonly message_id?: string;
  readonly body?: { readonly text?: unknown; readonly callback_url?: unknown } | string;
}

/** All sends of a world's own messages so far, in the order in which the provider decided them. */
export async function sendsOf(world: World): Promise<ProviderSend[]> {
  const sends: ProviderSend[] = [];
  for await (const line of readNdjson<Line>(world.sandbox.journal)) {
    if (line.kind !== 'send' || typeof line.body !== 'object') continue;
    const n = numberOf(world.run, line.body.text);
    if (n !== null) sends.push({ n, atMs: Date.parse(line.at), decision: line.decision });
  }
  return sends;
}

/** Every URL that the provider was given to call back. */
export async function callbackUrlsOf(world: World): Promise<string[]> {
  const urls: string[] = [];
  for await (const { kind, body } of readNdjson<Line>(world.sandbox.journal)) {
    if (kind !== 'send' || typeof body !== 'object') continue;
    if (typeof body.callback_url === 'string') urls.push(body.callback_url);
  }
  return urls;
}

/** In contrast to what it does itself, and to what is done to it. */
const asked: ReadonlySet<string> = new Set(['send', 'status', 'other']);

/** Whatever was asked of the provider so far: sends, polls, and the questions that try a key. */
export async function callsOf(world: World): Promise<number> {
  let calls = 0;
  for await (const { kind } of readNdjson<Line>(world.sandbox.journal))
    if (asked.has(kind)) calls += 1;
  return calls;
}

/** A message that the provider took, and when it was asked for, in milliseconds since it took it. */
export interface FollowedSend {
  readonly n: number;
  readonly pollsAfterMs: number[];
}

export async function followedOf(world: World): Promise<FollowedSend[]> {
  const taken = new Map<string, FollowedSend & { readonly atMs: number }>();
  for await (const line of readNdjson<Line>(world.sandbox.journal)) {
    const { kind, decision, body, message_id: id } = line;
    if (id === undefined) continue;
    const atMs = Date.parse(line.at);
    if (kind === 'status') {
      const message = taken.get(id);
      message?.pollsAfterMs.push(atMs - message.atMs);
    } else if (kind === 'send' && decision === 'accepted' && typeof body === 'object') {
      const n = numberOf(world.run, body.text);
      if (n !== null) taken.set(id, { n, atMs, pollsAfterMs: [] });
    }
  }
  return [...taken.values()];
}

/** Milliseconds from the acceptance of messages to the provider's. */
export async function waitsOf(world: World, isOne: (n: number) => boolean): Promise<number[]> {
  const rows = await world.postgres.query<{ text: string; accepted_ms: number }>(
    'select text, (extract(epoch from accepted_at) * 1000)::float8 as accepted_ms from messages',
  );
  const acceptedMs = new Map(rows.map((row) => [numberOf(world.run, row.text), row.accepted_ms]));
  return ofDecision(await sendsOf(world), 'accepted')
    .filter(({ n }) => isOne(n))
    .map(({ n, atMs }) => atMs - (acceptedMs.get(n) ?? 0));
}

export function ofDecision(sends: readonly ProviderSend[], decision: string): ProviderSend[] {
  return sends.filter((send) => send.decision === decision);
}

/**
 * By how many places the message that moved most was taken before or behind its place in the queue of a lone lane.
 * @param sinceMs of those that were taken from then on, in milliseconds since 1970: a message whose commit was late
 *   comes behind what went out meanwhile, and keeps its place only among those that were sent when all had committed
 */
export async function mostDisplaced(world: World, sinceMs = 0): Promise<number> {
  const taken = ofDecision(await sendsOf(world), 'accepted')
    .filter(({ atMs }) => atMs >= sinceMs)
    .map(({ n }) => n);
  const known = new Set(taken);
  const queue = await world.postgres.query<{ text: string }>(
    'select text from messages order by id',
  );
  const queued = queue
    .map(({ text }) => numberOf(world.run, text))
    .filter((n) => n !== null && known.has(n));
  const placeOf = new Map(queued.map((n, place) => [n, place]));
  const moves = taken.map((n, index) =>
    Math.abs((placeOf.get(n) ?? Number.POSITIVE_INFINITY) - index),
  );
  // There may be more of them than a call takes arguments.
  return moves.reduce((most, move) => Math.max(most, move), 0);
}

/** The most entries that any span of that length holds. Times ascend. */
export function mostWithin(timesMs: readonly number[], spanMs: number): number {
  let most = 0;
  let first = 0;
  timesMs.forEach((timeMs, index) => {
    while ((timesMs[first] as number) <= timeMs - spanMs) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
