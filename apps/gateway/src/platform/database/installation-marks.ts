import { Injectable } from '@nestjs/common';
import type { ClientBase } from 'pg';
import { Configuration } from '../config/index.js';
import { Log } from '../logging/index.js';
import { sqlStateOf } from './sql-state.js';

/** A mark of the database that is another one than the installation knows. */
export interface DifferentMark {
  readonly mark: 'system_identifier' | 'timeline' | 'database_oid';
  readonly stored: string;
  readonly present: string;
}

interface Comparison {
  readonly verdict: 'same' | 'marked' | 'timeline_accepted' | 'differ';
  readonly held_since: Date | null;
  readonly difference: readonly DifferentMark[] | null;
  readonly unreadable: readonly string[];
}

/** The caller's transaction, as far as it is needed here: the pools that open it need us. */
interface OpenTransaction {
  query<Row>(statement: string, parameters: readonly unknown[]): Promise<Row[]>;
}

const compareMarks =
  'select verdict, held_since, difference, unreadable from compare_marks($1::boolean)';

/** The role as in every transaction. An answer that does not come fails the connection, not its first user. */
const begin =
  `begin; set local role tyrian_worker; set local lock_timeout = 1000; ` +
  'set local statement_timeout = 2000; set local idle_in_transaction_session_timeout = 2000';
const answerWithinMs = 2_500;

/** The schema is that of an older build: readiness says so, and nothing can be intended on it. */
const undefinedFunction = '42883';

/**
 * Tells a restored or copied database by its marks: system identifier, timeline, oid (DISPATCH 22). A difference puts
 * the installation on hold, in the transaction that found it.
 */
@Injectable()
export class InstallationMarks {
  private readonly timelineMayChange: boolean;
  private readonly toldUnreadable = new Set<string>();
  private toldHold: number | null = null;

  constructor(
    { database }: Configuration,
    private readonly log: Log,
  ) {
    this.timelineMayChange = database.onTimelineChange === 'continue';
  }

  /** In the caller's transaction, under the role `worker`. */
  async compare(tx: OpenTransaction): Promise<void> {
    const [row] = await tx.query<Comparison>(compareMarks, [this.timelineMayChange]);
    if (row) this.tell(row);
  }

  /** The pools' hook: they wait for it, and throw the connection away where it fails, though its type says nothing. */
  readonly onConnect = (client: ClientBase): unknown => this.compareOn(client);

  /**
   * Before the connection serves anybody: a database that was swapped under a running gateway is on hold before
   * anything is intended on it.
   */
  private async compareOn(client: ClientBase): Promise<void> {
    await client.query({ text: begin, query_timeout: answerWithinMs } as object as {
      text: string;
    });
    try {
      const { rows } = await client.query<Comparison>({
        text: compareMarks,
        values: [this.timelineMayChange],
        query_timeout: answerWithinMs,
      } as object as { text: string });
      await client.query('commit');
      if (rows[0]) this.tell(rows[0]);
    } catch (error) {
      if (sqlStateOf(error) !== undefinedFunction) throw error;
      await client.query('rollback');
    }
  }

  /** Once each: a connection is opened often, and the heart beats every second. */
  private tell({ verdict, held_since, difference, unreadable }: Comparison): void {
    const news = unreadable.filter((mark) => !this.toldUnreadable.has(mark));
    for (const mark of news) this.toldUnreadable.add(mark);
    if (news.length > 0) {
      this.log.warn(
        { marks: news },
        'marks of the database cannot be read: a restored copy that differs in them alone is not told',
      );
    }
    if (verdict === 'marked') this.log.info('the marks of the database were noted');
    if (verdict === 'timeline_accepted')
      this.log.warn({ difference }, 'the database is on a new timeline: taken for a fail-over');
    if (verdict !== 'differ' || held_since === null || this.toldHold === held_since.getTime())
      return;
    this.toldHold = held_since.getTime();
    this.log.error(
      { difference, heldSince: held_since },
      'the database is not the one that this installation knows: a restored or copied one must not send again. ' +
        'Nothing is sent until an operator releases it, see docs/operations.md',
    );
  }
}
