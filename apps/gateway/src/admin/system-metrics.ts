import { Injectable } from '@nestjs/common';
import { Log } from '../platform/logging/index.js';
import { Metrics } from '../platform/metrics/index.js';
import { ageSeconds, classNames, SystemStateReader, type SystemState } from './system-state.js';

interface SystemGauge {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly samples: (state: SystemState) => readonly Sample[];
}

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

const one = (value: number): Sample[] => [{ value }];

/** What the database says of the whole installation: every process tells the same, so take the maximum, not the sum. */
const gauges: readonly SystemGauge[] = [
  {
    name: 'tyrian_queued_messages',
    help: 'Messages in the queue, those on the wire included.',
    labels: ['class'],
    samples: (state) =>
      classNames.map((line) => ({ labels: { class: line }, value: state.queued[line] })),
  },
  {
    name: 'tyrian_oldest_queued_seconds',
    help: 'How long the oldest queued message has waited; 0 where none waits.',
    labels: ['class'],
    samples: (state) =>
      classNames.map((line) => ({
        labels: { class: line },
        value: ageSeconds(state, state.oldestQueuedAt[line]),
      })),
  },
  {
    name: 'tyrian_scheduled_messages',
    help: 'Messages whose send_at lies ahead.',
    samples: (state) => one(state.scheduled),
  },
  {
    name: 'tyrian_awaiting_messages',
    help: 'Messages that were or may have been sent and are not final; uncertain ones are those of unknown outcome.',
    labels: ['status'],
    samples: ({ awaiting }) =>
      Object.entries(awaiting).map(([status, value]) => ({ labels: { status }, value })),
  },
  {
    name: 'tyrian_polls_due',
    help: 'Status requests that are due and not made yet.',
    samples: (state) => one(state.pollsDue),
  },
  {
    name: 'tyrian_polls_possible_per_second',
    help: 'Status requests a second that the owned lanes keep free for, whatever there is to send.',
    samples: (state) => one(state.pollsPossiblePerSecond),
  },
  {
    name: 'tyrian_open_intents',
    help: 'Intents whose last message is not settled.',
    samples: (state) => one(state.openIntents),
  },
  {
    name: 'tyrian_oldest_intent_seconds',
    help: 'Age of the oldest open intent; 0 where none is open.',
    samples: (state) => one(ageSeconds(state, state.oldestIntentAt)),
  },
  {
    name: 'tyrian_unfolded_receipts',
    help: 'Callbacks that are stored and not applied yet.',
    samples: (state) => one(state.unfoldedReceipts),
  },
  {
    name: 'tyrian_fold_lag_seconds',
    help: 'How long the oldest callback that is not applied has waited.',
    samples: (state) => one(ageSeconds(state, state.oldestUnfoldedAt)),
  },
  {
    name: 'tyrian_unrelayed_events',
    help: 'Events that have no place in the feed yet.',
    samples: (state) => one(state.unrelayedEvents),
  },
  {
    name: 'tyrian_outbox_lag_seconds',
    help: 'How long the oldest event without a place in the feed has waited.',
    samples: (state) => one(ageSeconds(state, state.oldestUnrelayedAt)),
  },
  {
    name: 'tyrian_lanes',
    help: 'Lanes by state; the reason is that of the provider or of the owner.',
    labels: ['state', 'reason'],
    samples: (state) =>
      state.lanes.map((count) => ({
        labels: { state: count.state, reason: count.reason ?? '' },
        value: count.lanes,
      })),
  },
  {
    name: 'tyrian_paused_connections',
    help: 'Connections that the provider paused, up to 100.',
    labels: ['reason'],
    samples: ({ pausedConnections }) =>
      [...countBy(pausedConnections.map(({ reason }) => reason))].map(([reason, value]) => ({
        labels: { reason },
        value,
      })),
  },
  {
    name: 'tyrian_on_hold',
    help: '1 while the installation is on hold: nothing is sent, see GET /admin/installation.',
    samples: ({ hold }) => one(hold === null ? 0 : 1),
  },
  {
    name: 'tyrian_unread_marks',
    help: 'Marks of the database that could not be read: a copy that differs in them alone is not told.',
    samples: ({ unreadMarks }) => one(unreadMarks),
  },
  {
    name: 'tyrian_workers',
    help: 'Worker processes with a heartbeat younger than a lease.',
    samples: ({ workers }) => one(workers.filter((worker) => worker.alive).length),
  },
  {
    name: 'tyrian_oldest_heartbeat_seconds',
    help: 'Age of the oldest heartbeat among the workers that nobody has declared lost.',
    samples: (state) =>
      one(
        state.workers
          .filter((worker) => worker.lost_at === null)
          .reduce((oldest, worker) => Math.max(oldest, ageSeconds(state, worker.heartbeat_at)), 0),
      ),
  },
  {
    name: 'tyrian_partition_horizon_seconds',
    help: 'How far ahead partitions are made.',
    samples: (state) => one((state.partitionHorizon.getTime() - state.at.getTime()) / 1_000),
  },
  {
    name: 'tyrian_stray_rows',
    help: 'Rows in the DEFAULT partitions; anything but 0 wants an operator.',
    samples: (state) => one(state.strayRows),
  },
  {
    name: 'tyrian_failed_proofs',
    help: 'Days of tenants that do not add up, see GET /admin/reconciliations.',
    samples: ({ proof }) => one(proof.failedDays),
  },
  {
    name: 'tyrian_proof_misses',
    help: 'What is amiss on those days.',
    samples: ({ proof }) => one(proof.misses),
  },
  {
    name: 'tyrian_last_proof_seconds',
    help: 'How long ago a day was last proved; left out where none was.',
    samples: (state) =>
      state.proof.lastCheckedAt === null ? [] : one(ageSeconds(state, state.proof.lastCheckedAt)),
  },
  {
    name: 'tyrian_orphaned_callbacks',
    help: 'Callbacks of the last six days whose message is not here.',
    samples: (state) => one(state.orphanedCallbacks),
  },
  {
    name: 'tyrian_drift_sightings',
    help: 'How often the provider differed from its known contract, see GET /admin/drift.',
    labels: ['place', 'kind'],
    samples: ({ drift }) =>
      drift.map(({ place, kind, times }) => ({ labels: { place, kind }, value: times })),
  },
];

/** Shows the state of the installation among the metrics of this process. */
@Injectable()
export class SystemMetrics {
  constructor(
    private readonly reader: SystemStateReader,
    private readonly log: Log,
    metrics: Metrics,
  ) {
    for (const { name, help, labels = [], samples } of gauges) {
      metrics.gauge(name, help, {
        labels,
        collect: async (gauge) => {
          const state = await this.stateOrNull();
          // Nothing is better than what was true before.
          gauge.reset();
          if (state === null) return;
          for (const sample of samples(state)) gauge.set(sample.labels ?? {}, sample.value);
        },
      });
    }
    metrics.gauge(
      'tyrian_system_state_readable',
      'Whether the database told the state of the installation.',
      {
        collect: async (gauge) => gauge.set((await this.stateOrNull()) === null ? 0 : 1),
      },
    );
  }

  /** A database that is away must not take the process's own metrics with it. */
  private async stateOrNull(): Promise<SystemState | null> {
    try {
      return await this.reader.recent();
    } catch (error) {
      this.log.debug({ err: error }, 'the state of the installation could not be read');
      return null;
    }
  }
}

function countBy(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
