import { setTimeout as delay } from 'node:timers/promises';
import { call } from '../../support/api.js';
import { eventually } from '../../support/eventually.js';
import { readMetrics } from '../../support/metrics.js';
import { adminToken, masterKey } from '../../support/secrets.js';
import { defineRun, type ChaosRun } from '../harness/run.js';
import type { World, WorldOptions } from '../harness/world.js';
import { pageSteps, readPage, type PageStep } from './runbook-page.js';
import { Shell } from './shell.js';

/** The metrics of the installation are at most five seconds old. */
const stateAgeMs = 5_500;

export type Samples = ReadonlyMap<string, number>;

/** An installation of one gateway that is brought into the state of a page, and out of it. */
export class Patient {
  constructor(readonly world: World) {}

  get tenant() {
    const [tenant] = this.world.tenants;
    if (!tenant) throw new Error('the world has no tenant');
    return tenant;
  }

  get gateway() {
    const [replica] = this.world.replicas;
    if (!replica) throw new Error('the world has no gateway');
    return replica;
  }

  metrics(): Promise<Samples> {
    return readMetrics(this.gateway);
  }

  /** Messages for the first tenant, past the front. */
  async send(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      await call(this.gateway, 'POST', '/v1/messages', {
        token: this.tenant.apiKey,
        body: { recipient: `+38050${String(1_000_000 + n)}`, text: `Message ${n}` },
        expect: 202,
      });
    }
  }

  /** `PUT /sandbox/keys/…` for the first tenant's key. */
  async setKey(settings: Readonly<Record<string, unknown>>): Promise<void> {
    await call(this.world.sandbox, 'PUT', `/sandbox/keys/key-${this.tenant.id}`, {
      body: settings,
      expect: 200,
    });
  }
}

export interface RunbookRun {
  /** The page's file name without its ending. */
  readonly name: string;
  /** Metrics of a healthy installation before, and again at the end. */
  readonly isNormal: (now: Samples, patient: Patient) => boolean | Promise<boolean>;
  /** What raises the alarm of the page. */
  readonly isAlarming: (now: Samples, patient: Patient) => boolean | Promise<boolean>;
  readonly world?: WorldOptions;
  bringAbout(patient: Patient): Promise<void>;
  /** What the page asks of others: a balance topped up, a way mended. Between its steps Look and Do. */
  cure?(patient: Patient): Promise<void>;
  /** Further variables of the shell, known once the state is there. */
  variables?(patient: Patient): Readonly<Record<string, string>>;
  /** Counts what must not have happened on the way. */
  countFaults?(patient: Patient): Promise<number>;
  /** @default 60 s */
  readonly normalWithinMs?: number;
}

/** The state, the commands of the page as they stand in it, and the metric that goes back. */
export function runbook(run: RunbookRun): ChaosRun {
  return defineRun<null>({
    name: `runbook-${run.name}`,
    promise: `docs/operations/${run.name}.md leads out of the state that it is about`,
    tiers: { short: { rounds: 1, size: null }, full: { rounds: 1, size: null } },
    async round(scene) {
      const { findings } = scene;
      const page = readPage(run.name);
      const world = await scene.world({ replicas: 1, tenants: 1, ...run.world });
      const patient = new Patient(world);
      const reaches = async (
        what: string,
        state: RunbookRun['isNormal'],
        withinMs: number,
      ): Promise<void> => {
        const startedMs = performance.now();
        const is = async (): Promise<boolean> => state(await patient.metrics(), patient);
        const isReached = await eventually(is, { withinMs }).catch(() => false);
        scene.say(`${what} after ${Math.round(performance.now() - startedMs)} ms: ${isReached}`);
        findings.exactly(what, String(isReached), 'true');
      };
      await reaches('normal before', run.isNormal, 30_000);
      await run.bringAbout(patient);
      await reaches('the alarm is raised', run.isAlarming, 60_000);
      const shell = new Shell({
        BASE: patient.gateway.url,
        PUBLIC_URL: world.url,
        ADMIN_TOKEN: adminToken,
        DATABASE_URL: world.postgres.loginUrl,
        DATABASE_OWNER_URL: world.postgres.ownerUrl,
        MASTER_KEY: masterKey,
        VIBER_BASE_URL: world.sandbox.url,
        NODE_ENV: 'production',
        ...run.variables?.(patient),
      });
      const work = async (step: PageStep): Promise<void> => {
        for (const block of page.blocks[step]) {
          const { code, output } = await shell.run(block);
          findings.count('commands');
          findings.exactly(`exit code of a block of "${step}"`, code ?? 'a signal', 0);
          if (code !== 0) findings.notes.push(`${step}: ${block}\n${output}`);
        }
      };
      try {
        for (const step of pageSteps) {
          if (step === 'Do') await run.cure?.(patient);
          if (step === 'Over when') {
            // What was true before the page's commands must not be taken for their effect.
            await delay(stateAgeMs);
            await reaches('normal again', run.isNormal, run.normalWithinMs ?? 60_000);
          }
          await work(step);
        }
        if (run.countFaults)
          findings.exactly('faults on the way', await run.countFaults(patient), 0);
      } finally {
        shell.close();
      }
    },
  });
}
