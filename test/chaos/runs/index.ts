import type { ChaosRun } from '../harness/run.js';
import { r01 } from './r01-kill-gateways.js';
import { r02 } from './r02-kill-gateways-at-least-once.js';
import { r03 } from './r03-stop-and-go-on.js';
import { r04 } from './r04-stop-the-database.js';
import { r05 } from './r05-cut-the-database.js';
import { r06 } from './r06-trip-the-database.js';
import { r07 } from './r07-full-pools-and-disks.js';
import { r09 } from './r09-rolling-restarts.js';
import { r10 } from './r10-equal-keys.js';
import { r11 } from './r11-every-fault.js';
import { r12 } from './r12-callbacks-in-any-order.js';
import { r13 } from './r13-five-days.js';
import { r14 } from './r14-one-floods.js';
import { r14b } from './r14b-urgent-on-a-full-lane.js';
import { r15 } from './r15-rate-and-balance.js';
import { r15b } from './r15b-shared-connection.js';
import { r16 } from './r16-overload.js';
import { r16b } from './r16b-provider-away.js';
import { r17 } from './r17-a-transaction-held-open.js';
import { r18 } from './r18-soak.js';
import { r19 } from './r19-restored.js';
import { s02 } from './s02-fuzzed-requests.js';
import { s04 } from './s04-raw-sockets.js';
import { s05 } from './s05-secrets.js';

/** Every run there is. A new one is a file beside this one and a line here. */
export const runs: readonly ChaosRun[] = [
  r01,
  r02,
  r03,
  r04,
  r05,
  r06,
  r07,
  r09,
  r10,
  r11,
  r12,
  r13,
  r14,
  r14b,
  r15,
  r15b,
  r16,
  r16b,
  r17,
  r18,
  r19,
  s02,
  s04,
  s05,
];

// `npm test` carries out the short tiers of all that follow: the steady ones beside the tests, the quick ones beside the patient
// ones, then those that stand alone.

/** Those that mostly wait, and judge no times: one after another beside whatever the tests do. */
export const steadyRuns: readonly ChaosRun[] = [r11, r19];

/** Those that keep a machine busy and hold on any: one after another. */
export const quickRuns: readonly ChaosRun[] = [r01, r02, r03, r04, r05, r06, r09, r10, r12, r14];

/** Those that mostly wait, for minutes, and that a busy machine does not make late, the longest first: beside the quick ones and each other. */
export const patientRuns: readonly ChaosRun[] = [r16b, r13, r18];

/** Those that measure how a limit of some calls a second is kept, and who waits for it: beside nothing, not even each other. */
export const pacedRuns: readonly ChaosRun[] = [r15b, r15, r14b];

/** Those that want a machine for themselves: one after another. */
export const loneRuns: readonly ChaosRun[] = [r07, r17, r16];

export function findRun(name: string): ChaosRun | undefined {
  return runs.find((run) => run.name === name);
}
