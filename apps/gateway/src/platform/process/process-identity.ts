import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/**
 * By what a process counts: no two of them share a row. Acceptances and ends count in rows of their own, as otherwise
 * each would wait for the commit of the other.
 */
@Injectable()
export class ProcessIdentity {
  readonly acceptanceCounter = randomUUID();
  readonly endCounter = randomUUID();
}
