import { Injectable } from '@nestjs/common';
import { Pool, type Dispatcher } from 'undici';
import type { CallbackForm } from './callback-shapes.js';
import { SandboxClock } from './clock.js';
import { Journal } from './journal.js';
import type { NewEntry } from './journal.js';
import { SandboxConfig } from './sandbox.config.js';

/** One request to a caller's URL, as often as it takes. */
export interface Callback extends CallbackForm {
  readonly url: URL;
  /** What the journal says about each attempt. */
  readonly entry: Pick<
    NewEntry,
    'kind' | 'key' | 'recipient' | 'message_id' | 'status' | 'callback_url'
  >;
  /** The body, where the journal is to keep it. */
  readonly bodyJson?: string;
}

interface Outcome {
  readonly isTaken: boolean;
  readonly http_status?: number;
  readonly reason?: string;
}

/** Calls back until it counts as taken or the retries are used up. Redirects are not followed. */
@Injectable()
export class CallbackSender {
  private readonly pools = new Map<string, Pool>();
  private generation = 0;

  constructor(
    private readonly config: SandboxConfig,
    private readonly clock: SandboxClock,
    private readonly journal: Journal,
  ) {}

  /** Resolves after this attempt, whatever came of it. Later ones are planned on the sandbox's clock. */
  async send(callback: Callback, attempt = 1): Promise<void> {
    const { generation } = this;
    const { isTaken, ...outcome } = await this.call(callback);
    if (generation !== this.generation) return;
    const retrySeconds = this.config.callbackRetrySeconds[attempt - 1];
    const decision = isTaken ? 'answered' : retrySeconds === undefined ? 'given_up' : 'failed';
    this.journal.record({ ...callback.entry, decision, attempt, ...outcome }, callback.bodyJson);
    // Nobody waits for this line. Where the file is broken, the provider's answers say so.
    void this.journal.recorded()?.catch(() => undefined);
    if (isTaken || retrySeconds === undefined) return;
    this.clock.after(retrySeconds * 1000, () => void this.send(callback, attempt + 1));
  }

  /** What is under way now is neither recorded nor tried again. */
  forget(): void {
    this.generation++;
  }

  async close(): Promise<void> {
    this.forget();
    await Promise.all([...this.pools.values()].map((pool) => pool.destroy()));
    this.pools.clear();
  }

  private async call({ url, contentType, body, query = {} }: Callback): Promise<Outcome> {
    try {
      const asked = new URL(url);
      for (const [name, value] of Object.entries(query)) asked.searchParams.append(name, value);
      const answer = await this.poolFor(url.origin).request({
        method: body === undefined ? 'GET' : 'POST',
        path: asked.pathname + asked.search,
        headers: {
          'user-agent': 'viber-sandbox',
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
        },
        body: body ?? null,
      });
      const text = await this.textOf(answer.body);
      return { isTaken: this.isTaken(answer.statusCode, text), http_status: answer.statusCode };
    } catch (error) {
      const { code, name } = error as { code?: string; name?: string };
      return { isTaken: false, reason: code ?? name ?? 'failed' };
    }
  }

  /** Read only where something depends on it. */
  private async textOf(body: Dispatcher.ResponseData['body']): Promise<string> {
    if (this.config.callbackTakenBody !== '') return (await body.text()).trim();
    await body.dump();
    return '';
  }

  private isTaken(httpStatus: number, text: string): boolean {
    const { callbackTakenStatus: wanted, callbackTakenBody } = this.config;
    const isGood = wanted === 0 ? httpStatus >= 200 && httpStatus < 300 : httpStatus === wanted;
    return isGood && text === callbackTakenBody;
  }

  private poolFor(origin: string): Pool {
    let pool = this.pools.get(origin);
    if (!pool) {
      pool = new Pool(origin, {
        connections: this.config.callbackConnections,
        pipelining: 1,
        connect: { timeout: this.config.callbackTimeoutMs },
        headersTimeout: this.config.callbackTimeoutMs,
        bodyTimeout: this.config.callbackTimeoutMs,
      });
      this.pools.set(origin, pool);
    }
    return pool;
  }
}
