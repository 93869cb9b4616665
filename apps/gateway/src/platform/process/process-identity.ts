import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';

/** A fresh UUID for each process: counters are kept by it, and no two processes ever share one. */
@Injectable()
export class ProcessIdentity {
  readonly id = randomUUID();
}
