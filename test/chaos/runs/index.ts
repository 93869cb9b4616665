import type { ChaosRun } from '../harness/run.js';
import { r01 } from './r01-kill-gateways.js';

/** Every run there is. A new one is a file beside this one and a line here. */
export const runs: readonly ChaosRun[] = [r01];

export function findRun(name: string): ChaosRun | undefined {
  return runs.find((run) => run.name === name);
}
