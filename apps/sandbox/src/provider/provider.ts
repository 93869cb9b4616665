import { setTimeout as wait } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Callbacks } from '../callbacks.js';
import { Journal } from '../journal.js';
import type { JournalKind } from '../journal.js';
import { SandboxConfig } from '../sandbox.config.js';
import { answers } from './answers.js';
import type { AnswerName } from './answers.js';
import { Sends } from './sends.js';
import { StatusRequests } from './status-requests.js';
import type { Incoming, Verdict } from './verdict.js';

/** Has each request decided, writes the decision down, and only then answers. */
@Injectable()
export class Provider {
  constructor(
    private readonly config: SandboxConfig,
    private readonly journal: Journal,
    private readonly sends: Sends,
    private readonly statusRequests: StatusRequests,
    private readonly callbacks: Callbacks,
  ) {}

  async send(incoming: Incoming): Promise<void> {
    await this.conclude('send', incoming, this.sends.decide(incoming));
  }

  async status(incoming: Incoming): Promise<void> {
    await this.conclude('status', incoming, this.statusRequests.decide(incoming));
  }

  /** A request for anything else, such as one that followed a redirect. */
  async stray(
    incoming: Incoming,
    stray: { request: string; isWrongMethod: boolean },
  ): Promise<void> {
    const { request, isWrongMethod } = stray;
    const answer = isWrongMethod ? 'method_not_allowed' : 'not_found';
    await this.conclude('other', incoming, { entry: { decision: 'dropped', request }, answer });
  }

  /** A request that Fastify would not hand on, with the words that it has for that. */
  async unread(
    incoming: Incoming,
    unread: { request: string; reason: string; answer: AnswerName },
  ): Promise<void> {
    const { request, reason, answer } = unread;
    await this.conclude('other', incoming, {
      entry: { decision: 'dropped', reason, request },
      answer,
    });
  }

  private async conclude(kind: JournalKind, incoming: Incoming, verdict: Verdict): Promise<void> {
    const { reply, key, contentType, body } = incoming;
    const { answer, accepted } = verdict;
    this.journal.record(
      {
        kind,
        key: key ?? undefined,
        ...verdict.entry,
        answer,
        content_type: contentType || undefined,
      },
      body.json,
    );
    try {
      await this.journal.recorded();
    } catch {
      // An answer without its line would break the one promise that the journal makes.
      reply.hijack().raw.destroy();
      return;
    }
    if (accepted) this.callbacks.follow(accepted);
    if (accepted?.fate.callbackFirst) await this.callbacks.callFirst(accepted);
    if (this.config.latencyMs > 0) await wait(this.config.latencyMs, undefined, { ref: false });
    answers[answer].give({
      reply,
      truth: verdict.truth ?? '{}',
      parameter: verdict.parameter ?? '',
      httpStatus: verdict.httpStatus ?? this.config.httpStatus,
      rateLimit: verdict.rateLimit ?? null,
      slowAnswerMs: this.config.slowAnswerMs,
    });
  }
}
