import type { OnApplicationShutdown } from '@nestjs/common';
import { Pool } from 'undici';
import type { ViberAnswer, ViberSendAnswer, ViberStatusAnswer } from './answer.js';
import { authorizationOf, formsOf, type ViberCredential } from './credential.js';
import { sendAnswerContract, statusContract, type Contract } from './deviations.js';
import { ViberNotReached, ViberUnauthorized } from './errors.js';
import { Exchange, type ExchangeEnd } from './exchange.js';
import { openAnswer, readRetryAfterMs, type OpenedAnswer } from './read-answer.js';
import { readSendAnswer } from './read-send-answer.js';
import { readStatusAnswer } from './read-status-answer.js';
import { ViberClient, type ViberCallOptions } from './viber-client.js';
import type { ViberCallName, ViberOptions } from './viber-options.js';
import { sendPath, statusPath, type WireSendRequest } from './wire.js';

/** A close that meets a write makes an unknown outcome, so idle sockets are not kept for long. */
const idleSocketMs = 2_000;
/** How much earlier than the server says an idle socket is given up. */
const keepAliveSafetyMs = 1_000;

interface SignedIn {
  headers: string[];
  /** What must not stand in a text that is kept, in all its forms. */
  secrets: readonly string[];
}

interface Call<T> {
  name: ViberCallName;
  path: string;
  body: string;
  contract: Contract;
  read: (opened: OpenedAnswer, retryAfterMs: number | null) => T;
}

/** The provider over HTTP/1.1 on undici's dispatch: one request at a time on each socket, made once. */
export class HttpViberClient extends ViberClient implements OnApplicationShutdown {
  private readonly pool: Pool;
  private readonly pathPrefix: string;
  private readonly timeoutMs: number;
  private readonly maxAnswerBytes: number;
  private readonly userAgent: string;
  private readonly onAnswer: ViberOptions['onAnswer'];
  private readonly signedIn = new WeakMap<ViberCredential, SignedIn>();
  private underWay = 0;
  private closing: Promise<void> | undefined;
  private onIdle: (() => void) | undefined;

  constructor(options: ViberOptions) {
    super();
    const url = new URL(options.baseUrl);
    this.pathPrefix = url.pathname.replace(/\/+$/, '');
    this.timeoutMs = options.timeoutMs ?? 10_000;
    this.maxAnswerBytes = options.maxAnswerBytes ?? 65_536;
    this.userAgent = options.userAgent ?? 'tyrian';
    this.onAnswer = options.onAnswer;
    this.pool = new Pool(url.origin, {
      connections: options.connections ?? 1_000,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: idleSocketMs,
      keepAliveMaxTimeout: idleSocketMs,
      keepAliveTimeoutThreshold: keepAliveSafetyMs,
      // The deadline of the exchange covers them all.
      headersTimeout: 0,
      bodyTimeout: 0,
      connectTimeout: this.timeoutMs,
      ...(options.ca === undefined ? {} : { connect: { ca: options.ca } }),
    });
  }

  override send(
    credential: ViberCredential,
    request: WireSendRequest,
    options: ViberCallOptions = {},
  ): Promise<ViberSendAnswer> {
    return this.call(credential, options, {
      name: 'send',
      path: sendPath,
      body: JSON.stringify(request),
      contract: sendAnswerContract,
      read: readSendAnswer,
    });
  }

  override status(
    credential: ViberCredential,
    messageId: string,
    options: ViberCallOptions = {},
  ): Promise<ViberStatusAnswer> {
    if (!/^\d{1,32}$/.test(messageId)) {
      return Promise.reject(new TypeError('A message id consists of digits.'));
    }
    return this.call(credential, options, {
      name: 'status',
      path: statusPath,
      // Written by hand: an id beyond 2^53 would lose digits as a number. One with zeros in front is no number in JSON.
      body: `{"message_id":${/^0\d/.test(messageId) ? `"${messageId}"` : messageId}}`,
      contract: statusContract,
      read: (opened, retryAfterMs) => readStatusAnswer(opened, messageId, retryAfterMs),
    });
  }

  override close(): Promise<void> {
    this.closing ??= this.drain();
    return this.closing;
  }

  onApplicationShutdown(): Promise<void> {
    return this.close();
  }

  private call<T>(
    credential: ViberCredential,
    options: ViberCallOptions,
    call: Call<T>,
  ): Promise<T> {
    const signedIn = this.signIn(credential);
    if (!signedIn) return Promise.reject(new ViberUnauthorized(null));
    if (this.closing) return Promise.reject(new ViberNotReached('closed'));

    return new Promise<T>((resolve, reject) => {
      const startedAt = performance.now();
      this.underWay++;
      const onEnd = (end: ExchangeEnd): void => {
        if (--this.underWay === 0) this.onIdle?.();
        try {
          const retryAfterMs =
            end.kind === 'answered' ? readRetryAfterMs(end.headers, Date.now()) : null;
          const opened = openAnswer(end, {
            durationMs: Math.round(performance.now() - startedAt),
            secrets: signedIn.secrets,
            contract: call.contract,
          });
          this.tell(call.name, opened.answer);
          resolve(call.read(opened, retryAfterMs));
        } catch (error) {
          reject(error);
        }
      };
      const exchange = new Exchange(
        {
          timeoutMs: options.timeoutMs ?? this.timeoutMs,
          maxAnswerBytes: this.maxAnswerBytes,
          mayWrite: options.mayWrite,
        },
        onEnd,
      );
      this.pool.dispatch(
        {
          path: this.pathPrefix + call.path,
          method: 'POST',
          headers: signedIn.headers,
          body: call.body,
        },
        exchange,
      );
    });
  }

  /** Whoever looks on has no say in what a call ends in. */
  private tell(call: ViberCallName, answer: ViberAnswer): void {
    try {
      this.onAnswer?.(call, answer);
    } catch {
      // Its own affair.
    }
  }

  private signIn(credential: ViberCredential): SignedIn | null {
    const known = this.signedIn.get(credential);
    if (known) return known;
    const authorization = authorizationOf(credential);
    if (authorization === null) return null;
    const fresh: SignedIn = {
      headers: [
        'authorization',
        authorization,
        'content-type',
        'application/json',
        'accept',
        'application/json',
        'user-agent',
        this.userAgent,
      ],
      secrets: [authorization.slice('Basic '.length), credential.key].flatMap(formsOf),
    };
    this.signedIn.set(credential, fresh);
    return fresh;
  }

  private async drain(): Promise<void> {
    if (this.underWay > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
    await this.pool.destroy();
  }
}
