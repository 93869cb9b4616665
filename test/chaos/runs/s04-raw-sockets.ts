import { eventually } from '../../support/eventually.js';
import {
  attack,
  attackAll,
  holdSockets,
  rawAttacks,
  slowBeginnings,
  smuggledAlone,
  smuggledText,
} from '../../walls/s4-raw-sockets.js';
import { smugglingForms } from '../../walls/smuggling-forms.js';
import { Memory } from '../harness/memory.js';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  /** Smuggling forms by chance. */
  readonly forms: number;
  /** How often each of those that are known by name, floods of one request among them. */
  readonly times: number;
  /** Slow clients that are held open all the time. */
  readonly slow: number;
  /** Ordinary messages a second meanwhile. */
  readonly rate: number;
}

const answeredWithinMs = 1_000;
const mostMiB = 512;

/** The wall S4 in thousands; `npm test` has a short one in test/walls. */
export const s04 = defineRun<Size>({
  name: 'S4',
  promise:
    'smuggling forms, floods of one request, slow clients: refused and hung up on, nothing behind them served, others unharmed',
  tiers: {
    short: { rounds: 1, size: { forms: 1_000, times: 1, slow: 200, rate: 20 } },
    full: { rounds: 5, size: { forms: 20_000, times: 20, slow: 2_000, rate: 40 } },
  },
  async round(scene, { forms, times, slow, rate }) {
    const { findings, random } = scene;
    const world = await scene.world({ replicas: 1, tenants: 2 });
    const [gateway] = world.replicas;
    const [served, attacker] = world.tenants;
    if (!gateway || !served || !attacker) throw new Error('the world is not whole');
    const memory = new Memory(gateway.pid);
    const load = world.load({ tenants: [served], rate, count: 1_000_000 });
    const slowOnes = new SlowClients(gateway, attacker.apiKey, slow);
    const attacks = [
      ...smugglingForms(forms, random.integer(1, 2 ** 31 - 1)),
      ...Array.from({ length: times }, () => rawAttacks).flat(),
    ];
    const { answers, broken } = await attackAll(gateway, attacker.apiKey, random.shuffled(attacks));
    await slowOnes.stop();
    const report = await load.stop();
    memory.stop();
    findings.count('attacks', attacks.length);
    for (const [answer, count] of Object.entries(answers))
      findings.count(`answered_${answer}`, count);
    findings.notes.push(...broken);
    findings.exactly('attacks that were not refused and hung up on', broken.length, 0);
    findings.exactly('messages from behind an attack', await smuggledInto(world), 0);
    findings.count('slow_clients_cut_off', slowOnes.cutOff);
    findings.atLeast('slow clients cut off', slowOnes.cutOff, slow);
    findings.exactly('others that were not told 202', report.requests - report.acknowledged, 0);
    findings.highest('max_answer_ms', report.slowestMs);
    judgePace(scene, report.slowestMs);
    findings.highest('max_resident_mib', memory.most);
    findings.atMost('MiB in use', Math.round(memory.most), mostMiB);
    findings.exactly('everything has its fate', String(await world.quiesce(120_000)), 'true');
    findings.judged(await world.judge());
    await attack(gateway, attacker.apiKey, smuggledAlone, 2_000);
    findings.exactly('messages by the same request alone', await smuggledInto(world), 1);
  },
});

/** Clients and attackers live in the harness, whose own lag is no harm that the gateway does. */
function judgePace({ findings, lag }: Scene, slowestMs: number): void {
  const limitMs = answeredWithinMs + Math.ceil(lag.maxMs);
  findings.atMost('ms of the slowest answer to the others', Math.ceil(slowestMs), limitMs);
}

async function smuggledInto(world: World): Promise<number> {
  const [row] = await world.postgres.query<{ count: number }>(
    'select count(*)::int as count from messages where text = $1',
    [smuggledText],
  );
  return row?.count ?? -1;
}

/** As many slow clients as there may be, begun again whenever all of them were cut off. */
class SlowClients {
  /** All of them, of every turn. */
  cutOff = 0;
  private stopping = false;
  private readonly done: Promise<void>;

  constructor(
    private readonly gateway: { readonly url: string },
    private readonly token: string,
    private readonly count: number,
  ) {
    this.done = this.run();
  }

  /** Resolves when those that are out are cut off. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.done;
  }

  private async run(): Promise<void> {
    const each = Math.ceil(this.count / slowBeginnings.length);
    do {
      const held = await Promise.all(
        slowBeginnings.map(([, begun]) => holdSockets(this.gateway, each, begun(this.token))),
      );
      const closed = (): number => held.reduce((sum, sockets) => sum + sockets.closed(), 0);
      const all = each * slowBeginnings.length;
      await eventually(async () => closed() >= all, { withinMs: 90_000 }).catch(() => undefined);
      this.cutOff += closed();
      for (const sockets of held) sockets.release();
    } while (!this.stopping);
  }
}
