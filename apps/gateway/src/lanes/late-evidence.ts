import { setTimeout } from 'node:timers/promises';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Database } from '../platform/database/index.js';
import { Log } from '../platform/logging/index.js';
import { EvidenceMerger, type Evidence } from '../messages/index.js';
import type { Outcome } from '../queue/index.js';

const triesPauseMs = 500;
const mostTries = 240;

/**
 * What a former owner learned after it had lost its lane (DISPATCH 8): merged as evidence, which may resolve an
 * `uncertain`. It never touches the queue or the intents.
 */
@Injectable()
export class LateEvidence implements OnApplicationShutdown {
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly merger: EvidenceMerger,
    private readonly log: Log,
  ) {}

  /** Resolves when the evidence is merged, or put off because the next attempt is on the wire. */
  async tell(outcome: Outcome): Promise<void> {
    const evidence = evidenceOf(outcome);
    if (evidence === null || (await this.merge(evidence))) return;
    void this.lookAgain(evidence);
  }

  onApplicationShutdown(): void {
    this.closed = true;
  }

  /** The settle of the attempt on the wire comes first, and may leave a question that this piece answers. */
  private async lookAgain(evidence: Evidence): Promise<void> {
    for (let tries = 0; tries < mostTries && !this.closed; tries += 1) {
      await pause();
      if (await this.merge(evidence)) return;
    }
  }

  /** Gives false where the message is on the wire at this moment. */
  private async merge(evidence: Evidence): Promise<boolean> {
    for (let tries = 0; tries < mostTries && !this.closed; tries += 1) {
      try {
        const [merged] = await this.database.transaction('hot', { role: 'worker' }, (tx) =>
          this.merger.merge(tx, [evidence]),
        );
        return merged?.verdict !== 'on_the_wire';
      } catch (error) {
        if (tries === 0) this.log.warn({ err: error }, 'evidence of a former owner has to wait');
      }
      await pause();
    }
    return true;
  }
}

function pause(): Promise<void> {
  return setTimeout(triesPauseMs, undefined, { ref: false });
}

/** An unknown outcome is no news: the takeover has called it unknown already. */
export function evidenceOf(outcome: Outcome): Evidence | null {
  const common = {
    tenantId: outcome.tenantId,
    messageId: outcome.messageId,
    attempt: outcome.attempt,
    source: 'former_owner',
    at: outcome.at,
    eventType: 'former_owner',
    detail: outcome.detail,
  } as const;
  switch (outcome.outcome) {
    case 'accepted':
      return {
        ...common,
        status: 'sent',
        isFinal: false,
        providerMessageId: outcome.providerMessageId,
      };
    case 'refused':
      return { ...common, status: 'rejected', isFinal: true, code: outcome.code };
    case 'not_sent':
      // Nobody will send it any more, and it surely was not: that is a failure, not an uncertainty.
      return { ...common, status: 'failed', isFinal: true, code: 'not_sent' };
    case 'unknown':
    default:
      return null;
  }
}
