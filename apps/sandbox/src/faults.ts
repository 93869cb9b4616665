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
  /** How often each subject asked while there were faults. */
  private readonly asked = new Map<string, number>();

  constructor(private readonly chance: Chance) {}

  get active(): readonly Fault[] {
    return this.faults;
  }

  /** Replaces one with the same fate, key and target; a rate of 0 takes it away. */
  set(fault: Fault): void {
    const isSame = (other: Fault) =>
      other.fate === fault.fate && other.key === fault.key && other.on === fault.on;
    this.faults = this.faults.filter((other) => !isSame(other));
    if (fault.rate > 0) this.faults.push(fault);
  }

  clear(): void {
    this.faults = [];
    this.asked.clear();
  }

  /**
   * The fault that this request meets, if any. Depends on the seed, the subject and how often the subject
   * asked before, not on what other requests do.
   * @param subject the recipient of a send, the id of a status request.
   */
  pick(target: 'send' | 'status', key: string, subject: string): Fault | null {
    if (this.faults.length === 0) return null;
    const asking = `${target} ${subject}`;
    const time = (this.asked.get(asking) ?? 0) + 1;
    this.asked.set(asking, time);
    for (const fault of this.faults) {
      if (fault.key !== null && fault.key !== key) continue;
      if (fault.on !== 'both' && fault.on !== target) continue;
      if (this.chance.fraction(`fault ${fault.fate.name} ${asking} ${time}`) >= fault.rate)
        continue;
      if (fault.remaining !== null && --fault.remaining === 0) {
        this.faults = this.faults.filter((other) => other !== fault);
      }
      return fault;
    }
    return null;
  }
}
