import { Injectable } from '@nestjs/common';
import { Database, sqlFile } from '../platform/database/index.js';
import { Log } from '../platform/logging/index.js';
import { OutboundClient } from '../platform/outbound/index.js';
import { DropinMetrics, type CallbackEnd } from './dropin-metrics.js';

interface CallbackRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly url: string;
  readonly origin: string;
  readonly body: string;
  /** This one included. */
  readonly attempts: number;
}

const claimCallbacks = sqlFile(import.meta.url, './sql/claim-callbacks.sql');
const forget = 'delete from dropin_callbacks where tenant_id = $1 and id = $2';
const postpone = `update dropin_callbacks set next_at = app_clock() + make_interval(secs => $3)
  where tenant_id = $1 and id = $2`;

const timeoutMs = 15_000;
/** Longer than an attempt can last, the settling of it included. */
const claimSeconds = 30;
const mostAtOnce = 16;
const mostUnderWay = 64;
/** One that answers slowly holds so many calls, and those of one claim more. */
const mostOfOrigin = 8;

/** Seconds before each further attempt, about four days in all. */
const waits = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400] as const;

/**
 * Calls back the clients of the door, at least once for each event: what is answered with 2xx was heard; anything else is
 * told again. In no transaction while it calls.
 */
@Injectable()
export class CallbackCaller {
  private readonly underWay = new Set<Promise<void>>();
  private readonly ofOrigin = new Map<string, number>();

  constructor(
    private readonly database: Database,
    private readonly outbound: OutboundClient,
    private readonly metrics: DropinMetrics,
    private readonly log: Log,
  ) {}

  /** Begins what is due. Returns true when there may be more. */
  async runOnce(): Promise<boolean> {
    const most = Math.min(mostAtOnce, mostUnderWay - this.underWay.size);
    if (most <= 0) return false;
    const busy = [...this.ofOrigin].flatMap(([origin, calls]) =>
      calls >= mostOfOrigin ? [origin] : [],
    );
    const claimed = await this.database.transaction('hot', { role: 'worker' }, (tx) =>
      tx.query<CallbackRow>(claimCallbacks, [most, claimSeconds, busy]),
    );
    for (const callback of claimed) this.begin(callback);
    return claimed.length === most;
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }

  private begin(callback: CallbackRow): void {
    const { origin } = callback;
    this.ofOrigin.set(origin, (this.ofOrigin.get(origin) ?? 0) + 1);
    const call = this.call(callback)
      .catch((error: unknown) => {
        // It comes again when its claim is over.
        this.log.warn({ err: error }, 'the end of a callback could not be written');
      })
      .finally(() => {
        this.underWay.delete(call);
        const left = (this.ofOrigin.get(origin) ?? 1) - 1;
        if (left === 0) this.ofOrigin.delete(origin);
        else this.ofOrigin.set(origin, left);
      });
    this.underWay.add(call);
  }

  private async call({ tenant_id, id, url, body, attempts }: CallbackRow): Promise<void> {
    const end = await this.outbound.post({
      url,
      headers: { 'content-type': 'application/json' },
      body,
      timeoutMs,
      answerBytes: 0,
    });
    const isHeard = end.kind === 'answered' && end.status >= 200 && end.status < 300;
    const wait = isHeard ? undefined : waits[attempts - 1];
    const how: CallbackEnd = isHeard ? 'heard' : wait === undefined ? 'given_up' : 'failed';
    this.metrics.calledBack(how);
    await this.database.transaction('hot', { role: 'worker' }, (tx) =>
      wait === undefined
        ? tx.query(forget, [tenant_id, id])
        : tx.query(postpone, [tenant_id, id, wait]),
    );
  }
}
