import { Injectable } from '@nestjs/common';
import { ViberClient, ViberError, type ViberStatusAnswer } from '#viber';
import { ConnectionKeys, type OpenedKey } from '../accounts/index.js';
import { EvidenceMerger, meaningOf, meaningWithSms, type Evidence } from '../messages/index.js';
import { Clock } from '../platform/clock/index.js';
import { Configuration } from '../platform/config/index.js';
import { Database, DatabaseMetrics, GroupCommit, sqlFile } from '../platform/database/index.js';
import { Log } from '../platform/logging/index.js';
import { failedResult } from './attempt-result.js';
import { eachLane } from './each-lane.js';
import { LaneMetrics } from './lane-metrics.js';
import { LaneRegistry } from './lane-registry.js';
import type { LaneState } from './lane-state.js';
import { Lessons } from './lessons.js';
import { nextPollInMs } from './poll-schedule.js';
import { ProviderRoute } from './provider-route.js';
import { SpareSockets } from './spare-sockets.js';
import { WorkerPresence } from './worker-presence.js';

interface DuePoll {
  readonly message_id: string;
  readonly provider_message_id: string;
  readonly attempt: number;
  readonly polls: number;
  readonly sent_at: Date;
  readonly expires_at: Date;
  readonly poll_line: number;
}

interface Polled {
  readonly tenantId: string;
  readonly messageId: string;
  readonly nextInMs: number;
  /** null where the answer is no information: the message is asked for again later. */
  readonly evidence: Evidence | null;
}

const duePolls = sqlFile(import.meta.url, './sql/due-polls.sql');
const polledStatement = sqlFile(import.meta.url, './sql/polled.sql');
const mostPerRound = 100;
/** What leaves the provider's window soon is asked for hourly. */
const lastHoursMs = 3_600_000;

/** Asks the provider for the status of what has no final one yet, within each lane's floor (DISPATCH 16). */
@Injectable()
export class Poller {
  private readonly commit: GroupCommit<Polled, void>;
  private turn = 0;

  constructor(
    private readonly registry: LaneRegistry,
    private readonly presence: WorkerPresence,
    private readonly route: ProviderRoute,
    private readonly client: ViberClient,
    private readonly keys: ConnectionKeys,
    private readonly lessons: Lessons,
    private readonly database: Database,
    private readonly merger: EvidenceMerger,
    private readonly sockets: SpareSockets,
    private readonly configuration: Configuration,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly metrics: LaneMetrics,
    databaseMetrics: DatabaseMetrics,
  ) {
    this.commit = new GroupCommit((polled) => this.flush(polled), {
      maxRows: 500,
      maxWaitingRows: Number.MAX_SAFE_INTEGER,
      rowsOf: () => 1,
      observe: databaseMetrics.observerOf('polls'),
    });
  }

  async runOnce(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    const lanes = this.registry
      .all()
      .filter(
        (lane) => lane.pollsDue && !lane.gone && !lane.releasing && this.mayPoll(lane, nowMs),
      );
    // Another one begins each time: where sockets are few, every lane comes to have some.
    this.turn += 1;
    const first = lanes.length > 0 ? this.turn % lanes.length : 0;
    const failures = await eachLane([...lanes.slice(first), ...lanes.slice(0, first)], (lane) =>
      this.pollLane(lane, nowMs),
    );
    // Until the next refresh, a second from now.
    for (const { lane } of failures) lane.pollsDue = false;
    if (failures[0]) {
      const { lane, error } = failures[0];
      this.log.warn(
        { lanes: failures.length, connection: lane.connectionId, err: error },
        'lanes could not be polled',
      );
    }
  }

  private async pollLane(lane: LaneState, nowMs: number): Promise<void> {
    const most = this.sockets.polls.take(Math.min(mostPerRound, lane.polls.available(nowMs)));
    let due: DuePoll[] = [];
    try {
      if (most < 1) return;
      const credential = await this.keys.open(lane.connectionId);
      due = await this.due(lane, most);
      if (due.length < most) lane.pollsDue = false;
      lane.polls.take(due.length);
      for (const poll of due) void this.pollOne(lane, poll, credential);
    } finally {
      this.sockets.polls.giveBack(most - due.length);
    }
  }

  private async pollOne(lane: LaneState, poll: DuePoll, credential: OpenedKey): Promise<void> {
    lane.pollsUnderWay.add(poll.message_id);
    try {
      await this.poll(lane, poll, credential);
    } catch (error) {
      this.log.warn({ err: error }, 'the outcome of a poll could not be written');
    } finally {
      lane.pollsUnderWay.delete(poll.message_id);
    }
  }

  private mayPoll(lane: LaneState, nowMs: number): boolean {
    const { conditions } = lane;
    if (conditions === null || !this.presence.mayWrite() || this.route.isWrongAddress) return false;
    if (conditions.onHold) return false;
    // An empty balance does not stop polls: what was sent before may have been delivered.
    if (conditions.connectionPause !== null && conditions.connectionPause !== 'balance_empty')
      return false;
    if (conditions.notBeforeMs !== null && this.clock.nowMs() < conditions.notBeforeMs)
      return false;
    return nowMs >= lane.backOffUntilMs && this.route.breaker.mayPoll && lane.breaker.mayPoll;
  }

  private async due(lane: LaneState, most: number): Promise<DuePoll[]> {
    const { accountId } = lane.lease;
    const rows = await this.database.transaction('hot', { role: 'worker' }, (tx) =>
      tx.query<DuePoll>(duePolls, [accountId, most + lane.pollsUnderWay.size]),
    );
    return rows.filter((row) => !lane.pollsUnderWay.has(row.message_id)).slice(0, most);
  }

  private async poll(lane: LaneState, due: DuePoll, credential: OpenedKey): Promise<void> {
    const startedMs = this.clock.monotonicMs();
    const { tenantId } = lane.lease;
    let evidence: Evidence | null = null;
    try {
      const answer = await this.client
        .status(credential, due.provider_message_id, {
          timeoutMs: this.configuration.provider.timeoutMs,
          mayWrite: () => this.presence.mayWrite(),
        })
        .finally(() => this.sockets.polls.giveBack(1));
      evidence = this.evidenceOf(tenantId, due, answer);
    } catch (error) {
      if (!(error instanceof ViberError)) throw error;
      const { lesson } = failedResult(error);
      await this.lessons.learnFromPoll(lane, lesson, {
        epoch: lane.conditions?.epoch ?? 0,
        startedMs,
        fingerprint: credential.fingerprint,
      });
    }
    this.metrics.polled(evidence !== null, this.clock.monotonicMs() - startedMs);
    await this.commit.submit({
      tenantId,
      messageId: due.message_id,
      nextInMs: this.nextInMs(due),
      evidence,
    });
  }

  private nextInMs(due: DuePoll): number {
    const nextMs = nextPollInMs(due.polls + 1, this.clock.nowMs(), due.expires_at.getTime());
    return due.poll_line === 0 ? Math.min(nextMs, lastHoursMs) : nextMs;
  }

  private evidenceOf(tenantId: string, due: DuePoll, answer: ViberStatusAnswer): Evidence {
    const sms = answer.sms?.status ?? null;
    const meaning = meaningWithSms(meaningOf(answer.status, this.configuration.provider), sms);
    return {
      tenantId,
      messageId: due.message_id,
      attempt: due.attempt,
      source: 'poll',
      status: meaning.status,
      isFinal: meaning.isFinal,
      at: this.clock.now(),
      eventType: 'poll',
      providerStatus: String(answer.status),
      smsStatus: sms,
      providerMessageId: due.provider_message_id,
      code: meaning.code,
      detail: { poll: due.polls + 1, http_status: answer.httpStatus },
    };
  }

  private async flush(polled: Polled[]): Promise<void[]> {
    await this.database.transaction('hot', { role: 'worker' }, async (tx) => {
      const evidence = polled.flatMap((poll) => poll.evidence ?? []);
      await this.merger.merge(tx, evidence);
      await tx.query(polledStatement, [
        polled.map((poll) => poll.tenantId),
        polled.map((poll) => poll.messageId),
        polled.map((poll) => poll.nextInMs),
      ]);
    });
    return polled.map(() => undefined);
  }
}
