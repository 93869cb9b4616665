import { Injectable } from '@nestjs/common';
import { Chance } from './chance.js';
import type { Fate } from './fate.js';
import type { HttpStatusMode } from './wire-modes.js';

/** Which requests a fault can meet. */
export type FaultTarget = 'send' | 'status' | 'both';

/** A fate that requests meet by chance instead of by recipient. */
export interface Fault {
  readonly fate: Fate;
  /** Above 0, at most 1. */
  readonly rate: number;
  /** Null: every key. */
  readonly key: string | null;
  readonly on: FaultTarget;
  readonly httpStatus: HttpStatusMode | null;
  /** Requests that will still meet it. Null: until it is cleared. */
  remaining: number | null;
}

/** The faults that are set now. A fault goes before the fate that a recipient asks for. */
@Injectable()
export class Faults {
  private faults: Fault[] = [];
  private readonly asked = new Askings();

  constructor(private readonly chance: Chance) {}

  get active(): readonly Fault[] {
    return this.faults;
  }

  /** Replaces one with the same fate, key and target; a rate of 0 takes it away. */
  set(fault: Fault): void {
    const isSame = (other: Fault) =>
      other.fate === fault.fate && other.key === fault.key && other.on === fault.on;
    this.faults = this.faults.filter((other) => !isSame(other));
    this.keep(fault.rate > 0 ? [...this.faults, fault] : this.faults);
  }

  clear(): void {
    this.keep([]);
  }

  get subjectsKnown(): number {
    return this.asked.size;
  }

  /**
   * The fault that this request is to meet, if any; `meet` says that it did. Depends on the seed, the subject and how often the subject
   * asked before, not on what other requests do.
   * @param subject the recipient of a send, the id of a status request.
   */
  pick(target: 'send' | 'status', key: string, subject: string): Fault | null {
    if (this.faults.length === 0) return null;
    const asking = `${target} ${subject}`;
    const time = this.asked.count(asking);
    for (const fault of this.faults) {
      if (fault.key !== null && fault.key !== key) continue;
      if (fault.on !== 'both' && fault.on !== target) continue;
      if (this.chance.fraction(`fault ${fault.fate.name} ${asking} ${time}`) >= fault.rate)
        continue;
      return fault;
    }
    return null;
  }

  /** The request did meet it: it counts. */
  meet(fault: Fault): void {
    if (fault.remaining === null || --fault.remaining > 0) return;
    this.keep(this.faults.filter((other) => other !== fault));
  }

  private keep(faults: Fault[]): void {
    this.faults = faults;
    if (faults.length === 0) this.asked.clear();
  }
}

/**
 * How often each subject asked while there were faults. In two generations, so that its memory has a bound: who has
 * not asked while a hundred thousand others did may be counted from 1 again.
 */
class Askings {
  private static readonly perGeneration = 100_000;
  private recent = new Map<string, number>();
  private former = new Map<string, number>();

  get size(): number {
    return this.recent.size + this.former.size;
  }

  /** Counts it, from 1. */
  count(subject: string): number {
    const time = (this.recent.get(subject) ?? this.former.get(subject) ?? 0) + 1;
    this.recent.set(subject, time);
    if (this.recent.size >= Askings.perGeneration) {
      this.former = this.recent;
      this.recent = new Map();
    }
    return time;
  }

  clear(): void {
    this.recent = new Map();
    this.former = new Map();
  }
}
