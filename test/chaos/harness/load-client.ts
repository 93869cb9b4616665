import { Pool } from 'undici';
import { readId } from '../../../apps/gateway/src/platform/ids/shown-id.js';
import type { TestTenant } from '../../support/api.js';
import { textOf, type ClientEntry, type DeliveryMode } from '../judge/histories.js';
import type { Random } from './random.js';

export interface LoadOptions {
  readonly run: string;
  readonly url: string;
  readonly tenants: readonly TestTenant[];
  readonly log: { append(entry: ClientEntry): void };
  readonly random: Random;
  readonly mode: DeliveryMode;
  /** Number of the first message. */
  readonly firstNumber: number;
  /** New messages a second. */
  readonly rate: number;
  /** Most messages. */
  readonly count: number;
  /** Who fails is tried again, under the same key, until then. @default 60_000 */
  readonly patienceMs?: number;
  /** @default 15_000; an answer that has not come by then never comes */
  readonly answerWithinMs?: number;
  /** What the message asks for beside its text. @default an ordinary recipient */
  readonly message?: (n: number) => Readonly<Record<string, unknown>>;
}

/** What clients saw, all together. */
export interface LoadReport {
  /** Messages that were begun, and those that were answered with 202 in the end. */
  readonly begun: number;
  readonly acknowledged: number;
  readonly requests: number;
  /** Requests by what they were answered with; `none` where no answer came. */
  readonly answers: Readonly<Record<string, number>>;
  /** Of every answer that came. */
  readonly slowestMs: number;
  /** Requests that were neither answered nor cut: nobody told them anything in time. */
  readonly hung: number;
}

/** Before the second try; doubled before each further one, up to the longest. */
const firstPauseMs = 150;
const longestPauseMs = 2_000;
/** Messages that wait for their 202: beyond it clients begin nothing new, as those who are waited for would. */
const mostUnderWay = 150;
const tickMs = 10;

/**
 * Clients that send one message each, at a steady rate, under an idempotency key, and try again until they are
 * told 202. Every request is logged before it goes out, and with everything that came back.
 */
export class LoadClient {
  private readonly pool: Pool;
  private readonly underWay = new Set<Promise<void>>();
  private readonly answers: Record<string, number> = {};
  private begun = 0;
  private acknowledged = 0;
  private requests = 0;
  private slowestMs = 0;
  private hung = 0;
  private stopping = false;
  private readonly done: Promise<void>;

  constructor(private readonly options: LoadOptions) {
    this.pool = new Pool(options.url, {
      // As many as it takes: what waits in the client for a socket would be counted as the gateway's time.
      connections: null,
      pipelining: 1,
      // Shorter than a drain: an idle connection must not meet its end with a request.
      keepAliveTimeout: 1_000,
      keepAliveMaxTimeout: 1_000,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.done = this.run();
  }

  /** Messages that were begun so far. */
  get sent(): number {
    return this.begun;
  }

  report(): LoadReport {
    const { begun, acknowledged, requests, answers, slowestMs, hung } = this;
    return { begun, acknowledged, requests, answers, slowestMs, hung };
  }

  /** Resolves when every message has been told its 202, or was given up. */
  async finished(): Promise<LoadReport> {
    await this.done;
    return this.report();
  }

  /** Begins no further message. */
  async stop(): Promise<LoadReport> {
    this.stopping = true;
    return this.finished();
  }

  private async run(): Promise<void> {
    const { rate, count } = this.options;
    const startedMs = performance.now();
    while (!this.stopping && this.begun < count) {
      const due = Math.min(count, ((performance.now() - startedMs) / 1_000) * rate);
      while (this.begun < due && this.underWay.size < mostUnderWay) this.begin();
      await pause(tickMs);
    }
    while (this.underWay.size > 0) await Promise.all(this.underWay);
    await this.pool.close();
  }

  private begin(): void {
    const n = this.options.firstNumber + this.begun;
    this.begun += 1;
    const sending = this.send(n).finally(() => this.underWay.delete(sending));
    this.underWay.add(sending);
  }

  private async send(n: number): Promise<void> {
    const { run, tenants, mode, log, patienceMs = 60_000 } = this.options;
    const tenant = tenants[n % tenants.length] as TestTenant;
    const text = textOf(run, n);
    const body = JSON.stringify({
      recipient: `+38067${String(1_000_000 + (n % 9_000_000)).padStart(7, '0')}`,
      text,
      client_reference: text,
      delivery_mode: mode,
      ...this.options.message?.(n),
    });
    const deadlineMs = performance.now() + patienceMs;
    for (let pauseMs = firstPauseMs; performance.now() < deadlineMs; pauseMs *= 2) {
      log.append({ kind: 'attempt', n, at: Date.now(), mode });
      const status = await this.request(n, tenant, text, body);
      if (status === 202) this.acknowledged += 1;
      if (!isWorthRepeating(status)) return;
      await pause(Math.min(pauseMs, longestPauseMs) * (0.5 + this.options.random.next()));
    }
  }

  private async request(n: number, tenant: TestTenant, key: string, body: string): Promise<number> {
    const { log, answerWithinMs = 15_000 } = this.options;
    const startedMs = performance.now();
    this.requests += 1;
    try {
      const answer = await this.pool.request({
        path: '/v1/messages',
        method: 'POST',
        headers: {
          authorization: `Bearer ${tenant.apiKey}`,
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body,
        signal: AbortSignal.timeout(answerWithinMs),
      });
      const text = await answer.body.text();
      const ms = performance.now() - startedMs;
      this.slowestMs = Math.max(this.slowestMs, ms);
      this.count(String(answer.statusCode));
      const { id, code } = read(text);
      log.append({
        kind: 'told',
        n,
        at: Date.now(),
        status: answer.statusCode,
        ms: Math.round(ms),
        ...(answer.statusCode === 202 && id !== null ? { id } : {}),
        ...(code === null ? {} : { error: code }),
      });
      return answer.statusCode;
    } catch (error) {
      const { code, name } = error as { code?: string; name?: string };
      if (name === 'TimeoutError') this.hung += 1;
      this.count('none');
      log.append({ kind: 'told', n, at: Date.now(), status: 0, error: code ?? name ?? 'error' });
      return 0;
    }
  }

  private count(answer: string): void {
    this.answers[answer] = (this.answers[answer] ?? 0) + 1;
  }
}

/** No answer, an answer that promises nothing yet, or one that asks to come again. */
function isWorthRepeating(status: number): boolean {
  return status === 0 || status === 409 || status === 429 || status >= 500;
}

function read(text: string): { id: string | null; code: string | null } {
  try {
    const { id, code } = JSON.parse(text) as { id?: string; code?: string };
    return { id: id === undefined ? null : readId('msg', id), code: code ?? null };
  } catch {
    return { id: null, code: 'unreadable' };
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
