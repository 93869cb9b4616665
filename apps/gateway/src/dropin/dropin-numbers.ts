import { Injectable } from '@nestjs/common';
import { Database, sqlFile } from '../platform/database/index.js';
import { withinDeadline, withoutDeadline, type Deadline } from '../platform/deadline/index.js';

const takeNumbers = sqlFile(import.meta.url, './sql/take-numbers.sql');
const blockSize = 1_000;

/**
 * The integers by which the provider's clients know messages: unique in the installation, below 2^53, and never told
 * twice. Each process takes them from blocks of its own (DISPATCH 20); the rest of one is lost with the process.
 */
@Injectable()
export class DropinNumbers {
  private next = 0;
  private end = 0;
  private taking: Promise<void> | null = null;

  constructor(private readonly database: Database) {}

  /** @throws DeadlinePassed */
  async take(deadline: Deadline): Promise<number> {
    while (this.next === this.end) {
      await withinDeadline(this.takeBlock(), undefined, deadline.remainingMs);
    }
    return this.next++;
  }

  /** One at a time, for all who wait meanwhile: the time of the one who started it is not its own. */
  private takeBlock(): Promise<void> {
    this.taking ??= withoutDeadline(() => this.readBlock()).finally(() => {
      this.taking = null;
    });
    return this.taking;
  }

  private async readBlock(): Promise<void> {
    const [block] = await this.database.transaction(
      'hot',
      { role: 'ingest', statementTimeoutMs: 2_000 },
      (tx) => tx.query<{ first: number }>(takeNumbers, [blockSize]),
    );
    if (!block) throw new Error('dropin_numbers has lost its row');
    this.next = block.first;
    this.end = block.first + blockSize;
  }
}
