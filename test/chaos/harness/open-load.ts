import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { readId } from '../../../apps/gateway/src/platform/ids/shown-id.js';
import { textOf } from '../judge/histories.js';
import type { World } from './world.js';

export interface OpenLoadOptions {
  readonly world: World;
  readonly url: string;
  /** New messages a second, whatever becomes of the ones before. */
  readonly rate: number;
  readonly seconds: number;
}

export interface OpenLoadReport {
  readonly offered: number;
  /** Answered with 202 within the span: what comes behind it would make a short span look better than a long one. */
  readonly good: number;
  /** Requests by what they were answered with; `none` where no answer came. */
  readonly answers: Readonly<Record<string, number>>;
  /** What was not even asked, as too many requests were open already. */
  readonly withheld: number;
}

/** Nobody waits for longer. */
const patienceMs = 5_000;
/** As many as clients and balancers hold open. Beyond it a client is told by its own pool that there is none left. */
const mostOpen = 3_000;
const tickMs = 5;
const agent = new Agent({ connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });

/**
 * Opens all connections that will be used, as those of balancers are open before the crowd comes. A process that is busy
 * takes one new connection in each turn of its loop (libuv since 1.45), whatever waits.
 */
export async function openConnections(url: string): Promise<void> {
  const live = async (tries = 5): Promise<void> => {
    try {
      const { body } = await request(`${url}/health/live`, { dispatcher: agent });
      await body.dump();
    } catch (error) {
      // One that was open from before, and that the gateway closed for its idleness just then.
      if (tries <= 1) throw error;
      await live(tries - 1);
    }
  };
  await Promise.all(Array.from({ length: mostOpen }, () => live()));
}

/** Clients who do not care how the others fare: they come at their rate, once, and do not come again. */
export async function openLoad(options: OpenLoadOptions): Promise<OpenLoadReport> {
  const { rate, seconds } = options;
  const answers: Record<string, number> = {};
  const open = new Set<Promise<void>>();
  let offered = 0;
  let withheld = 0;
  let good = 0;
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1_000;
  const count = async (asking: Promise<string>): Promise<void> => {
    const answer = await asking;
    answers[answer] = (answers[answer] ?? 0) + 1;
    if (answer === '202' && performance.now() <= endMs) good += 1;
  };
  for (;;) {
    const elapsed = Math.min(seconds, (performance.now() - startedMs) / 1_000);
    for (; offered < elapsed * rate; offered += 1) {
      if (open.size >= mostOpen) {
        withheld += 1;
        continue;
      }
      const asking = count(ask(options)).finally(() => open.delete(asking));
      open.add(asking);
    }
    if (elapsed >= seconds) break;
    await delay(tickMs);
  }
  await Promise.all(open);
  return { offered, good, answers, withheld };
}

async function ask({ world, url }: OpenLoadOptions): Promise<string> {
  const n = world.reserve(1);
  const text = textOf(world.run, n);
  const tenant = world.tenants[n % world.tenants.length]!;
  world.log({ kind: 'attempt', n, at: Date.now(), mode: 'at_most_once' });
  try {
    const { statusCode: status, body } = await request(`${url}/v1/messages`, {
      method: 'POST',
      dispatcher: agent,
      headers: {
        authorization: `Bearer ${tenant.apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': text,
      },
      body: JSON.stringify({ recipient: '+380671234567', text, validity_seconds: 86_400 }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const answered = await body.text();
    const id = status === 202 ? readId('msg', (JSON.parse(answered) as { id: string }).id) : null;
    world.log({ kind: 'told', n, at: Date.now(), status, ...(id === null ? {} : { id }) });
    return String(status);
  } catch (error) {
    const { code, name } = error as { code?: string; name?: string };
    const reason = code ?? name ?? 'error';
    world.log({ kind: 'told', n, at: Date.now(), status: 0, error: reason });
    return 'none';
  }
}
