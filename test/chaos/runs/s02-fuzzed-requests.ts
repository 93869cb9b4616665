import { fuzz } from '../../walls/s2-fuzzed-requests.js';
import { defineRun } from '../harness/run.js';

interface Size {
  readonly requests: number;
}

/** The wall S2 in thousands; `npm test` has a short one in test/walls. */
export const s02 = defineRun<Size>({
  name: 'S2',
  promise:
    'fuzzed requests from the OpenAPI file: 5xx 0; always problem+json; a stored text comes back equal or was refused',
  tiers: {
    short: { rounds: 1, size: { requests: 1_000 } },
    full: { rounds: 10, size: { requests: 10_000 } },
  },
  async round(scene, { requests }) {
    const { findings, random } = scene;
    // Nothing is sent: what comes in is looked at, not what becomes of it.
    const variables = { ROLES: 'api' };
    const world = await scene.world({ replicas: 1, tenants: 0, variables });
    const report = await fuzz({ url: world.url }, requests, random.integer(1, 2 ** 31 - 1));
    findings.count('requests', report.sent);
    for (const [status, count] of Object.entries(report.byStatus))
      findings.count(`answered_${status}`, count);
    findings.count('stored_and_compared', report.compared);
    findings.exactly('broken promises', report.broken.length, 0);
    findings.notes.push(...report.broken);
    // The fuzzing reaches the database.
    findings.atLeast('stored and compared', report.compared, 5);
  },
});
