import { Injectable } from '@nestjs/common';
import { Metrics } from '../metrics/index.js';
import { Database } from './database.js';

const rowBuckets = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000];

/** Shows the pools, and how long group commits take. */
@Injectable()
export class DatabaseMetrics {
  private readonly seconds;
  private readonly rows;

  constructor(database: Database, metrics: Metrics) {
    metrics.gauge('tyrian_database_connections', 'Connections of this process, by pool.', {
      labels: ['pool', 'state'],
      collect: (gauge) => {
        for (const [pool, { total, idle, waiting }] of Object.entries(database.usage())) {
          gauge.set({ pool, state: 'used' }, total - idle);
          gauge.set({ pool, state: 'idle' }, idle);
          gauge.set({ pool, state: 'waited_for' }, waiting);
        }
      },
    });
    this.seconds = metrics.histogram(
      'tyrian_commit_seconds',
      'Time of one group commit, from its first statement to its COMMIT.',
      ['commit'],
    );
    this.rows = metrics.histogram(
      'tyrian_commit_rows',
      'Rows of one group commit.',
      ['commit'],
      rowBuckets,
    );
  }

  /** What a group commit of this name is to tell of its flushes. */
  observerOf(commit: string): (rows: number, seconds: number) => void {
    return (rows, seconds) => {
      this.seconds.observe({ commit }, seconds);
      this.rows.observe({ commit }, rows);
    };
  }
}
