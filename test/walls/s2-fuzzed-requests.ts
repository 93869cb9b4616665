import { request, Agent } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { call, createTenant } from '../support/api.js';
import { adminToken } from '../support/secrets.js';
import { fuzzedRequests, readBack, type FuzzedRequest } from './fuzzed-requests.js';

export interface FuzzReport {
  readonly sent: number;
  readonly byStatus: Readonly<Record<string, number>>;
  /** Messages whose stored text was compared with what was sent. */
  readonly compared: number;
  /** Broken promises, each with what shows it. */
  readonly broken: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const atOnce = 8;
const mostBroken = 20;
/** Of one request: what a body brings about, it brings about each time. */
const mostTimes = 5;

/**
 * S2: whatever comes in, nothing answers 5xx, every refusal is problem+json, and a text that is taken is stored as it
 * came. @param gateway with its loops off, so that nothing is sent
 */
export async function fuzz(
  gateway: { readonly url: string },
  count: number,
  seed: number,
): Promise<FuzzReport> {
  const sender = await createTenant(gateway, {}, 'Sender');
  const tenant = await createTenant(gateway, {}, 'Tenant');
  // Acts on it may suspend it: it is not one that signs in.
  const victim = await createTenant(gateway, {}, 'Victim');
  const message = await call<{ id: string }>(gateway, 'POST', '/v1/messages', {
    token: sender.apiKey,
    body: { recipient: '+380671234567', text: 'Hello' },
    expect: 202,
  });
  const requests = fuzzedRequests(
    { sender: sender.apiKey, tenant: tenant.apiKey, adminToken },
    {
      message: message.id,
      tenant: victim.id,
      account: tenant.accountId,
      foreign: victim.accountId,
    },
    count,
    seed,
  );
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const byStatus: Record<string, number> = {};
  const broken: string[] = [];
  let compared = 0;
  const waiting = [...requests];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const answer = await askUntilServed(gateway.url, next, agent);
      byStatus[answer.status] = (byStatus[answer.status] ?? 0) + 1;
      const problems = problemsOf(answer);
      if (next.operation === readBack && answer.status === 202 && next.value !== undefined) {
        problems.push(...(await storedOtherwise(gateway, sender.apiKey, next, answer)));
        compared += 1;
      }
      if (broken.length < mostBroken)
        broken.push(
          ...problems.map((problem) => `${problem}: ${shown(next)}: ${answer.text.slice(0, 300)}`),
        );
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  agent.destroy();
  return { sent: requests.length, byStatus, compared, broken };
}

function problemsOf({ status, type, text }: Answer): string[] {
  const problems: string[] = [];
  if (status >= 500) problems.push(`answered ${status}`);
  if (status >= 400) {
    if (!type.startsWith('application/problem+json')) problems.push(`no problem+json but ${type}`);
    else if (!isProblem(text, status)) problems.push('a problem without code or status');
  } else if (status >= 300) {
    problems.push(`answered ${status}`);
  }
  return problems;
}

function isProblem(text: string, status: number): boolean {
  const problem = JSON.parse(text) as { code?: unknown; status?: unknown; title?: unknown };
  return (
    typeof problem.code === 'string' &&
    problem.status === status &&
    typeof problem.title === 'string'
  );
}

/** What a tenant wrote comes back as it was, field by field. */
async function storedOtherwise(
  gateway: { readonly url: string },
  token: string,
  { value }: FuzzedRequest,
  answer: Answer,
): Promise<string[]> {
  const { id } = JSON.parse(answer.text) as { id: string };
  const stored = await call(gateway, 'GET', `/v1/messages/${id}`, {
    token,
    expect: 200,
  });
  const sent = value as Record<string, unknown>;
  const kept = ['text', 'sender', 'image_url', 'file_url', 'client_reference', 'metadata', 'group'];
  return kept.flatMap((field) =>
    sent[field] === undefined || sent[field] === null || equal(stored[field], sent[field])
      ? []
      : [`${field} came back as ${JSON.stringify(stored[field])}`],
  );
}

function equal(stored: unknown, sent: unknown): boolean {
  return JSON.stringify(sorted(stored)) === JSON.stringify(sorted(sent));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

function shown({ method, path, body }: FuzzedRequest): string {
  return `${method} ${path.slice(0, 200)} ${body?.toString('utf8').slice(0, 300) ?? ''}`;
}

/** Who is told that the database did not answer in time comes again, as the answer says: a machine may stand still. */
async function askUntilServed(url: string, fuzzed: FuzzedRequest, agent: Agent): Promise<Answer> {
  for (let time = 1; ; time += 1) {
    const answer = await ask(url, fuzzed, agent);
    const isLate = answer.status === 503 && answer.text.includes('"database_unavailable"');
    if (!isLate || time === mostTimes) return answer;
    await delay(1_000);
  }
}

function ask(url: string, fuzzed: FuzzedRequest, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const outgoing = request(
      {
        hostname,
        port,
        agent,
        method: fuzzed.method,
        path: fuzzed.path,
        headers: {
          ...fuzzed.headers,
          ...(fuzzed.body === null ? {} : { 'content-length': fuzzed.body.length }),
        },
      },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => (text += chunk));
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            type: incoming.headers['content-type'] ?? '',
            text,
          }),
        );
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(fuzzed.body ?? undefined);
  });
}
