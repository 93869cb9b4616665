import { Injectable } from '@nestjs/common';
import { Pool } from 'undici';
import { SandboxClock } from './clock.js';
import { Journal } from './journal.js';
import type { NewEntry } from './journal.js';
import { SandboxConfig } from './sandbox.config.js';

/** One request to a caller's URL, as often as it takes. */
export interface Callback {
  readonly url: URL;
  readonly contentType: string;
  readonly body: string;
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

/** Posts callbacks until one is answered with 2xx or the retries are used up. Redirects are not followed. */
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
    const { isTaken, ...outcome } = await this.post(callback);
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

  private async post({ url, contentType, body }: Callback): Promise<Outcome> {
    try {
      const answer = await this.poolFor(url.origin).request({
        method: 'POST',
        path: url.pathname + url.search,
        headers: { 'content-type': contentType, 'user-agent': 'viber-sandbox' },
        body,
      });
      await answer.body.dump();
      const isTaken = answer.statusCode >= 200 && answer.statusCode < 300;
      return { isTaken, http_status: answer.statusCode };
    } catch (error) {
      const { code, name } = error as { code?: string; name?: string };
      return { isTaken: false, reason: code ?? name ?? 'failed' };
    }
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
