import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { findFate } from '../../../apps/sandbox/src/fates.js';
import { defineRun } from '../harness/run.js';
import type { Random } from '../harness/random.js';
import type { World } from '../harness/world.js';
import { readNdjson } from '../judge/ndjson.js';

interface Size {
  readonly histories: number;
  /** New messages a second. */
  readonly rate: number;
}

/** How the provider itself calls back: in every order and shape, and now and then before or without an answer. */
const mostTimes = 20;
const fates = [
  'delivered',
  'undelivered',
  'rejected',
  'error',
  'callback_first',
  'callbacks_shuffled',
  'delivered_then_undelivered',
  'undelivered_then_delivered',
  'callback_form',
  'callback_text_ids',
  'callback_with_phone_number',
  'callback_multipart',
  'callback_query',
  'invented_then_delivered',
  'timeout_after',
  'reset_after',
] as const;

const pending = 5;
const otherFinals = [1, 3, 4] as const;

interface AcceptedSend {
  readonly seq: number;
  readonly kind: string;
  readonly decision: string;
  readonly message_id?: string;
  readonly callback_url?: string;
  readonly ends_as?: number;
}

export const r12 = defineRun<Size>({
  name: 'R12',
  promise:
    'callbacks shuffled, doubled, forged, before the answer to the send: the final is the provider’s truth, nothing goes backwards, forged accepted 0',
  tiers: {
    short: { rounds: 1, size: { histories: 150, rate: 30 } },
    full: { rounds: 4, size: { histories: 500, rate: 40 } },
  },
  async round(scene, { histories, rate }) {
    const { findings, random } = scene;
    const world = await scene.world();
    const load = world.load({
      rate,
      count: histories,
      message: (n) => ({ recipient: recipientOf(random.pick(fates), n) }),
    });
    const meddler = new Meddler(world, random.fork());
    const meddling = meddler.run();
    const report = await load.finished();
    const isQuiet = await world.quiesce(90_000);
    meddler.stop();
    await meddling;
    findings.exactly('clients that were never told 202', report.begun - report.acknowledged, 0);
    findings.exactly('everything has its fate', String(isQuiet), 'true');
    findings.count('callbacks_added', meddler.added);
    findings.count('callbacks_forged', meddler.forged);
    findings.count('callbacks_told_again_after_503', meddler.toldAgain);
    findings.exactly('true callbacks that were not taken', meddler.refused, 0);
    findings.exactly('forged callbacks that were taken', meddler.forgedTaken, 0);
    findings.atLeast('histories that were meddled with', meddler.histories, histories * 0.9);
    findings.judged(await world.judge());
  },
});

/** Adds to the provider's callbacks: the true ones once more and in another order, and forged ones with another end. */
class Meddler {
  added = 0;
  refused = 0;
  forged = 0;
  forgedTaken = 0;
  histories = 0;
  private stopping = false;
  private lastSeq = 0;
  toldAgain = 0;

  constructor(
    private readonly world: World,
    private readonly random: Random,
  ) {}

  stop(): void {
    this.stopping = true;
  }

  async run(): Promise<void> {
    for (let isLast = false; !isLast;) {
      // What was sent until now is read before it ends.
      isLast = this.stopping;
      const meddled: Promise<void>[] = [];
      for await (const send of readNdjson<AcceptedSend>(this.world.sandbox.journal)) {
        if (send.seq <= this.lastSeq) continue;
        this.lastSeq = send.seq;
        if (send.kind === 'send' && send.decision === 'accepted') meddled.push(this.meddle(send));
      }
      await Promise.all(meddled);
      await delay(20);
    }
  }

  private async meddle({
    callback_url: url,
    ends_as: end,
    message_id: id,
  }: AcceptedSend): Promise<void> {
    if (url === undefined || end === undefined) return;
    this.histories += 1;
    const steps = [pending, pending, end, end].map((status) => ({ status, isForged: false }));
    const lie = this.random.pick(otherFinals.filter((status) => status !== end));
    steps.push({ status: lie, isForged: true }, { status: lie, isForged: true });
    for (const { status, isForged } of this.random.shuffled(steps)) {
      const taken = await this.tell(isForged ? this.forge(url) : url, id, status);
      if (isForged) {
        this.forged += 1;
        if (taken) this.forgedTaken += 1;
      } else {
        this.added += 1;
        if (!taken) this.refused += 1;
      }
    }
  }

  /** Who hears 503 comes again, as the provider does. */
  private async tell(url: string, id: string | undefined, status: number): Promise<boolean> {
    for (let time = 1; ; time += 1) {
      const { statusCode, body } = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `{"message_id":${id},"status":${status}}`,
      });
      await body.dump();
      if (statusCode !== 503 || time === mostTimes) return statusCode === 200;
      this.toldAgain += 1;
      await delay(500);
    }
  }

  /** Another character somewhere behind the path: in an id, in the attempt or in the mac. */
  private forge(url: string): string {
    const at = this.random.integer(url.lastIndexOf('/') + 1, url.length - 2);
    const other = url[at] === 'A' ? 'B' : 'A';
    return url.slice(0, at) + other + url.slice(at + 1);
  }
}

function recipientOf(fate: string, n: number): string {
  const code = findFate(fate)?.code;
  if (code == null) throw new Error(`there is no fate ${fate}`);
  return `+999${code}${String(n).padStart(7, '0')}`;
}
