import { setTimeout as delay } from 'node:timers/promises';
import { readMetrics } from '../../support/metrics.js';
import type { Findings } from '../harness/findings.js';
import { defineRun } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  readonly seconds: number;
  /** New messages a second. */
  readonly rate: number;
  /** What may come to the heap beside the percentage: in a minute not all code has run often enough to be compiled. */
  readonly slackMiB: number;
}

/** What grows at first: pools, caches, compiled code. */
const warmUpShare = 0.25;
const samplesPerPart = 40;
const growthPercent = 10;
const slackDescriptors = 20;
/** So that garbage is looked for often, and what is left in between says little about it. */
const smallHeap = '--max-old-space-size=160 --max-semi-space-size=2';
const mebibyte = 1_048_576;

interface Sample {
  readonly heap: number;
  readonly descriptors: number;
  readonly resident: number;
}

/** `npm run soak`. Garbage and connections come and go, so that the least of many samples is compared: what nothing gives back. */
export const r18 = defineRun<Size>({
  name: 'R18',
  promise: 'an hour: no growth of heap or descriptors',
  tiers: {
    short: { rounds: 1, size: { seconds: 60, rate: 40, slackMiB: 32 } },
    full: { rounds: 1, size: { seconds: 3_600, rate: 60, slackMiB: 12 } },
  },
  async round(scene, { seconds, rate, slackMiB }) {
    const { findings } = scene;
    const world = await scene.world({ variables: { NODE_OPTIONS: smallHeap } });
    const load = world.load({ rate, count: rate * seconds, patienceMs: 120_000 });
    await delay(seconds * warmUpShare * 1_000);
    const partSeconds = (seconds * (1 - warmUpShare)) / 3;
    const first = await sample(world, partSeconds);
    scene.say('the first part is measured');
    await delay(partSeconds * 1_000);
    const last = await sample(world, partSeconds);
    const report = await load.finished();
    findings.exactly('clients that were never told 202', report.begun - report.acknowledged, 0);
    findings.count('requests', report.requests);
    world.replicas.forEach(({ name }, n) =>
      compare(
        findings,
        { name, slackMiB },
        first.map((all) => all[n]!),
        last.map((all) => all[n]!),
      ),
    );
    findings.exactly('everything has its fate', String(await world.quiesce(120_000)), 'true');
    findings.judged(await world.judge());
  },
});

/** All replicas, again and again. */
async function sample(world: World, seconds: number): Promise<Sample[][]> {
  const samples: Sample[][] = [];
  const everyMs = (seconds * 1_000) / samplesPerPart;
  for (let n = 0; n < samplesPerPart; n += 1) {
    const startedMs = performance.now();
    samples.push(await Promise.all(world.replicas.map((replica) => read(replica))));
    await delay(Math.max(0, everyMs - (performance.now() - startedMs)));
  }
  return samples;
}

async function read(gateway: { readonly url: string }): Promise<Sample> {
  const samples = await readMetrics(gateway);
  const value = (name: string): number => {
    const found = samples.get(name);
    if (found === undefined) throw new Error(`there is no metric ${name}`);
    return found;
  };
  return {
    heap: value('nodejs_heap_size_used_bytes'),
    descriptors: value('process_open_fds'),
    resident: value('process_resident_memory_bytes'),
  };
}

function compare(
  findings: Findings,
  { name, slackMiB }: { name: string; slackMiB: number },
  first: readonly Sample[],
  last: readonly Sample[],
): void {
  const heap = (samples: readonly Sample[]): number =>
    Math.round((10 * Math.min(...samples.map((one) => one.heap))) / mebibyte) / 10;
  const descriptors = (samples: readonly Sample[]): number =>
    Math.min(...samples.map((one) => one.descriptors));
  findings.highest('max_heap_at_first_mib', heap(first));
  findings.highest('max_heap_at_last_mib', heap(last));
  findings.highest('max_descriptors_at_first', descriptors(first));
  findings.highest('max_descriptors_at_last', descriptors(last));
  findings.highest('max_resident_mib', Math.max(...last.map((one) => one.resident)) / mebibyte);
  const limitMiB = Math.round(heap(first) * (1 + growthPercent / 100) + slackMiB);
  findings.atMost(`MiB of the heap of ${name} in the last part`, heap(last), limitMiB);
  findings.atMost(
    `descriptors of ${name} in the last part`,
    descriptors(last),
    descriptors(first) + slackDescriptors,
  );
}
