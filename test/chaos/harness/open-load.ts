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
  /** Answered with 202, within the time that anybody waits for it. */
  readonly good: number;
  /** Requests by what they were answered with; `none` where no answer came. */
  readonly answers: Readonly<Record<string, number>>;
  /** What was not even asked, as too many requests were open already. */
  readonly withheld: number;
}

/** Nobody waits for longer. */
const patienceMs = 5_000;
/** Beyond it the machine runs out of sockets rather than the gateway of anything. */
const mostOpen = 4_000;
const tickMs = 5;
const agent = new Agent({ connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });

/** Clients who do not care how the others fare: they come at their rate, once, and do not come again. */
export async function openLoad(options: OpenLoadOptions): Promise<OpenLoadReport> {
  const { rate, seconds } = options;
  const answers: Record<string, number> = {};
  const open = new Set<Promise<void>>();
  let offered = 0;
  let withheld = 0;
  const startedMs = performance.now();
  for (;;) {
    const elapsed = Math.min(seconds, (performance.now() - startedMs) / 1_000);
    for (; offered < elapsed * rate; offered += 1) {
      if (open.size >= mostOpen) {
        withheld += 1;
        continue;
      }
      const asking = ask(options)
        .then((answer) => void (answers[answer] = (answers[answer] ?? 0) + 1))
        .finally(() => open.delete(asking));
      open.add(asking);
    }
    if (elapsed >= seconds) break;
    await delay(tickMs);
  }
  await Promise.all(open);
  return { offered, good: answers['202'] ?? 0, answers, withheld };
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
