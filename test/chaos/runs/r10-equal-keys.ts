import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { readId } from '../../../apps/gateway/src/platform/ids/shown-id.js';
import { defineRun } from '../harness/run.js';
import type { Random } from '../harness/random.js';
import type { World } from '../harness/world.js';
import { textOf } from '../judge/histories.js';

interface Size {
  readonly keys: number;
  readonly kills: number;
}

const atOnce = 20;
/** Keys that are under way together. */
const keysAtOnce = 5;
const patienceMs = 120_000;

export const r10 = defineRun<Size>({
  name: 'R10',
  promise:
    '1,000 idempotency keys x 20 at once x two replicas, with kills: exactly 1,000 messages; replies equal to the byte',
  tiers: {
    short: { rounds: 1, size: { keys: 60, kills: 1 } },
    full: { rounds: 5, size: { keys: 200, kills: 3 } },
  },
  async round(scene, { keys, kills }) {
    const { findings, random } = scene;
    const world = await scene.world();
    const clients = new EqualKeys(world, random.fork());
    const first = world.reserve(keys);
    const under = Array.from({ length: keysAtOnce }, (_, lane) => clients.work(first, keys, lane));
    for (let kill = 1; kill <= kills; kill += 1) {
      while (clients.done < (keys / (kills + 1)) * (kill - 0.5)) await delay(10);
      const victim = random.pick(world.replicas);
      const open = await world.kill(victim);
      scene.say(`kill ${kill} of ${victim.name} after ${clients.done} keys`);
      findings.count('kills');
      findings.count('ids_open_at_kills', open);
      await victim.start();
    }
    await Promise.all(under);
    await clients.close();
    findings.count('requests', clients.requests);
    findings.count('requests_cut_or_refused', clients.failed);
    const [row] = await world.postgres.query<{ count: number }>(
      'select count(*)::int as count from messages',
    );
    findings.exactly('messages', row?.count ?? -1, keys);
    findings.exactly('replies that were read', clients.replies, keys * atOnce);
    findings.exactly('keys whose replies differ', clients.different.length, 0);
    findings.notes.push(...clients.different);
    findings.exactly('everything has its fate', String(await world.quiesce(90_000)), 'true');
    findings.judged(await world.judge());
  },
});

/** Twenty clients that send the same body under the same key at once, half of them to either replica. */
class EqualKeys {
  done = 0;
  requests = 0;
  failed = 0;
  replies = 0;
  readonly different: string[] = [];
  private readonly agent = new Agent({ connections: 64, headersTimeout: 0, bodyTimeout: 0 });

  constructor(
    private readonly world: World,
    private readonly random: Random,
  ) {}

  async work(first: number, keys: number, lane: number): Promise<void> {
    for (let n = first + lane; n < first + keys; n += keysAtOnce) {
      const replies = await Promise.all(
        Array.from({ length: atOnce }, (_, client) => this.untilTold(n, client)),
      );
      this.replies += replies.filter((reply) => reply !== null).length;
      const kinds = new Set(replies);
      if (kinds.size > 1) this.different.push(`message ${n}: ${[...kinds].join(' | ')}`);
      this.done += 1;
    }
  }

  async close(): Promise<void> {
    await this.agent.close();
  }

  /** The body of the answer; null where none came in all that time. */
  private async untilTold(n: number, client: number): Promise<string | null> {
    const deadlineMs = performance.now() + patienceMs;
    for (let turn = client; performance.now() < deadlineMs; turn += 1) {
      const { replicas } = this.world;
      const reply = await this.send(n, replicas[turn % replicas.length]!.url);
      if (reply !== null) return reply;
      this.failed += 1;
      await delay(100 + 100 * this.random.next());
    }
    return null;
  }

  private async send(n: number, url: string): Promise<string | null> {
    const { run, tenants } = this.world;
    const text = textOf(run, n);
    this.requests += 1;
    this.world.log({ kind: 'attempt', n, at: Date.now(), mode: 'at_most_once' });
    try {
      const answer = await request(`${url}/v1/messages`, {
        method: 'POST',
        dispatcher: this.agent,
        headers: {
          authorization: `Bearer ${tenants[n % tenants.length]!.apiKey}`,
          'content-type': 'application/json',
          'idempotency-key': text,
        },
        body: JSON.stringify({ recipient: '+380671234567', text, client_reference: text }),
        signal: AbortSignal.timeout(15_000),
      });
      const body = await answer.body.text();
      const status = answer.statusCode;
      const id = status === 202 ? readId('msg', (JSON.parse(body) as { id: string }).id) : null;
      this.world.log({ kind: 'told', n, at: Date.now(), status, ...(id === null ? {} : { id }) });
      return status === 202 ? body : null;
    } catch (error) {
      const { code, name } = error as { code?: string; name?: string };
      const reason = code ?? name ?? 'error';
      this.world.log({ kind: 'told', n, at: Date.now(), status: 0, error: reason });
      return null;
    }
  }
}
