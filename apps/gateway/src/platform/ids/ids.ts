import { Injectable } from '@nestjs/common';
import { V7Generator } from 'uuidv7';
import { Clock } from '../clock/index.js';

/** A clock that went back by less than this keeps the last time, so that ids stay in order. */
const rollbackAllowanceMs = 10_000;

/** UUIDv7s of the corrected clock, ever growing within the process. */
@Injectable()
export class Ids {
  private readonly generator = new V7Generator();

  constructor(private readonly clock: Clock) {}

  next(): string {
    const now = Math.max(0, Math.floor(this.clock.nowMs()));
    return this.generator.generateOrResetCore(now, rollbackAllowanceMs).toString();
  }
}
