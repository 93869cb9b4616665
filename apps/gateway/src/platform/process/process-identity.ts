import { Injectable } from '@nestjs/common';
import { CounterRows } from './counter-rows.js';

/**
 * By what a process counts: no two of them share a row. Acceptances and ends count in rows of their own, as otherwise
 * each would wait for the commit of the other.
 */
@Injectable()
export class ProcessIdentity {
  readonly acceptanceCounters = new CounterRows();
  readonly endCounters = new CounterRows();
}
