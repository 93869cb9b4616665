import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Agent } from 'undici';
import { Configuration } from '../config/index.js';
import { GuardedConnector } from './guarded-connector.js';
import { HostResolver } from './host-resolver.js';
import { OutboundDialer } from './outbound-dialer.js';
import { OutboundPolicy, OutboundRefused, type OutboundRefusal } from './outbound-policy.js';

/** Why a call ended without an answer. */
export type OutboundFailure = 'timeout' | 'connect' | 'tls' | 'reset' | 'unreadable_answer';

export type OutboundEnd =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** As the header says; null where there is none. */
      readonly retryAfter: string | null;
      /** Cut to what was asked for. */
      readonly body: Buffer;
    }
  /** Nothing was written: the URL leads, or has come to lead, where it may not. */
  | { readonly kind: 'refused'; readonly reason: OutboundRefusal }
  | { readonly kind: 'failed'; readonly reason: OutboundFailure };

export interface OutboundPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** Over the whole call: look-up, connecting, writing, answering. */
  readonly timeoutMs: number;
  /** The rest of a longer answer is not read. */
  readonly answerBytes: number;
}

const connectTimeoutMs = 10_000;
const idleSocketMs = 4_000;
const headerBytes = 16_384;

/** The one client for URLs that tenants give: see the policy for where it goes. It follows no redirect and repeats nothing. */
@Injectable()
export class OutboundClient implements OnApplicationShutdown {
  private readonly agent: Agent;

  constructor(
    private readonly policy: OutboundPolicy,
    resolver: HostResolver,
    dialer: OutboundDialer,
    { outbound }: Configuration,
  ) {
    const connector = new GuardedConnector({
      policy,
      resolver,
      dialer,
      ca: outbound.ca,
      timeoutMs: connectTimeoutMs,
      connectsTo: outbound.proxyUrl === null ? 'itself' : 'proxy',
    });
    this.agent = new Agent({
      connect: connector.connect,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: idleSocketMs,
      keepAliveMaxTimeout: idleSocketMs,
      maxHeaderSize: headerBytes,
      // The deadline of the call covers them all.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /** Never rejects: each way in which a call to somebody else's server ends is an ordinary one. */
  async post(call: OutboundPost): Promise<OutboundEnd> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), call.timeoutMs);
    try {
      const url = this.policy.readUrl(call.url);
      const answer = await this.agent.request({
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        method: 'POST',
        headers: { ...call.headers },
        body: call.body,
        signal: deadline.signal,
      });
      const retryAfter = answer.headers['retry-after'];
      return {
        kind: 'answered',
        status: answer.statusCode,
        retryAfter: typeof retryAfter === 'string' ? retryAfter : null,
        body: await readUpTo(answer.body, call.answerBytes),
      };
    } catch (error) {
      if (error instanceof OutboundRefused) return { kind: 'refused', reason: error.refusal };
      const isLate = deadline.signal.aborted;
      return { kind: 'failed', reason: isLate ? 'timeout' : failureOf(error as Error) };
    } finally {
      clearTimeout(timer);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }
}

async function readUpTo(body: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop closes the connection.
    if (length > most) break;
  }
  return Buffer.concat(chunks).subarray(0, most);
}

const unreadable: ReadonlySet<string> = new Set(['HTTPParserError', 'HeadersOverflowError']);
const tlsCode = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|HOSTNAME_|EPROTO)/;
const connectCode =
  /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EADDRNOTAVAIL|EACCES|EPERM|EPROXY)$/;

function failureOf(error: Error): OutboundFailure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ETIMEDOUT') return 'timeout';
  if (unreadable.has(error.name)) return 'unreadable_answer';
  if (tlsCode.test(code)) return 'tls';
  return connectCode.test(code) ? 'connect' : 'reset';
}
