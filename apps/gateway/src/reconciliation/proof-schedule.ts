import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Log } from '../platform/logging/index.js';
import { ProofRunner } from './proof-runner.js';

const minuteMs = 60_000;

/** Looks every minute whether a day is due to be proved; the rows say when. */
@Injectable()
export class ProofSchedule {
  private running = false;

  constructor(
    private readonly runner: ProofRunner,
    private readonly log: Log,
  ) {}

  @Interval('daily-proof', minuteMs)
  async proveDueDays(): Promise<void> {
    if (this.running) return;
    this.running = true;
    try {
      await this.runner.runOnce();
    } catch (error) {
      this.log.warn({ err: error }, 'the daily proof could not be made');
    } finally {
      this.running = false;
    }
  }
}
