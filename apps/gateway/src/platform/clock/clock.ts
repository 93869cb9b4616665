import { Injectable } from '@nestjs/common';

/** A deviation larger than this is believed only when it was measured twice. */
const surprisingMs = 5_000;
/** A measurement that took longer tells less than the clock knows already. */
const slowestMeasurementMs = 2_000;

/**
 * The database's clock as this process knows it, so that ids and due times of all replicas agree with
 * `app_clock()`. From the first measurement on it runs with the monotonic clock: a step of this machine's time of
 * day does not move it.
 */
@Injectable()
export class Clock {
  /** The corrected time less the monotonic one; null while nothing was measured. */
  private ahead: number | null = null;
  private surprising: number | null = null;

  /** Milliseconds since the epoch, on the database's clock. */
  nowMs(): number {
    return this.ahead === null ? Date.now() : this.monotonicMs() + this.ahead;
  }

  now(): Date {
    return new Date(this.nowMs());
  }

  /** Milliseconds of the monotonic clock: for durations and leases, never for times of day. */
  monotonicMs(): number {
    return performance.now();
  }

  /** How far this machine's time of day is behind the database's, in milliseconds. */
  get offsetMs(): number {
    return this.ahead === null ? 0 : this.nowMs() - Date.now();
  }

  /**
   * Takes one measurement, right after it was made.
   * @param databaseMs what the database said
   * @param sentMs and receivedMs two readings of one clock of ours around it
   */
  measure(databaseMs: number, sentMs: number, receivedMs: number): void {
    const tookMs = receivedMs - sentMs;
    if (tookMs < 0 || (this.ahead !== null && tookMs > slowestMeasurementMs)) return;
    const ahead = databaseMs + tookMs / 2 - this.monotonicMs();
    if (this.ahead === null) {
      this.ahead = ahead;
      return;
    }
    const deviation = Math.abs(ahead - this.ahead);
    // Half of the round trip is the error of one measurement: what is smaller is noise.
    if (deviation <= tookMs / 2) this.surprising = null;
    else if (deviation <= surprisingMs || this.isConfirmed(ahead)) {
      this.ahead = ahead;
      this.surprising = null;
    } else this.surprising = ahead;
  }

  private isConfirmed(ahead: number): boolean {
    return this.surprising !== null && Math.abs(ahead - this.surprising) <= surprisingMs;
  }
}
