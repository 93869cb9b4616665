import type { Findings } from './findings.js';
import type { OwnLag } from './own-lag.js';
import type { Random } from './random.js';
import type { World, WorldOptions } from './world.js';

/** `defaults`: with the leases of production, which only some runs have. */
export const tiers = ['short', 'full', 'defaults'] as const;
export type Tier = (typeof tiers)[number];

interface TierSize<Size> {
  readonly rounds: number;
  readonly size: Size;
}

/** Where one round of a run happens. All chance in it comes from the printed seed. */
export interface Scene {
  readonly random: Random;
  readonly findings: Findings;
  /** Of the process in which clients and wires live. */
  readonly lag: OwnLag;
  /** Starts an installation, which is ended with the round. */
  world(options?: WorldOptions): Promise<World>;
  /** One line for whoever watches. */
  say(line: string): void;
}

/**
 * One promise of docs/guarantees.md and how it is tried. A run is a file of `test/chaos/runs/`, listed in its index;
 * its rounds are independent of one another, so that an interrupted run goes on where it was.
 */
export interface ChaosRun<Size = unknown> {
  /** As in docs/guarantees.md. */
  readonly name: string;
  readonly promise: string;
  readonly tiers: Readonly<
    Record<'short' | 'full', TierSize<Size>> & Partial<Record<'defaults', TierSize<Size>>>
  >;
  round(scene: Scene, size: Size): Promise<void>;
}

/** Gives a run its type without losing that of its size. */
export function defineRun<Size>(run: ChaosRun<Size>): ChaosRun {
  return run;
}
