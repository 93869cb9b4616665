import { setTimeout as delay } from 'node:timers/promises';
import { fates, recipientFor } from '../../../apps/sandbox/src/fates.js';
import { callAgain, type TestTenant } from '../../support/api.js';
import { eventually } from '../../support/eventually.js';
import { adminToken } from '../../support/secrets.js';
import { patientLeases, variablesOf } from '../harness/leases.js';
import type { LoadClient } from '../harness/load-client.js';
import { sendsOf } from '../harness/provider-journal.js';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';
import { numberOf, type DeliveryMode, type Place } from '../judge/histories.js';
import { readDatabase } from '../judge/read-database.js';

interface Size {
  /** How often each fault in each delivery mode. */
  readonly times: number;
  /** New messages a second. */
  readonly rate: number;
  /** Ordinary messages between two faults: a provider that does nothing but fail is what R16b is about. */
  readonly between: number;
  /** That faults and ordinary messages share: each has a breaker of its own. */
  readonly lanes: number;
}

/** How the attempts of a message end, by the table of DESIGN section 3. */
type Kind =
  /** Accepted, and the answer says so. */
  | 'known'
  /** Surely not sent the first time, and accepted the second time. */
  | 'again'
  | 'refused'
  /** Surely not sent, as often as it is tried. */
  | 'never'
  /** Nobody knows, and a callback tells. */
  | 'told'
  /** The same, but after the grace. */
  | 'told late'
  /** Nobody ever tells. */
  | 'unknown';

interface Expectation {
  readonly kind: Kind;
  readonly ends: Place;
  readonly faults: readonly string[];
}

const expectations: readonly Expectation[] = [
  {
    kind: 'known',
    ends: 'delivered',
    faults: [
      'delivered',
      'pending',
      'no_callback',
      'late',
      'lenient_json',
      'huge_id',
      'id_as_text',
      'further_keys',
      'closing',
      'callback_first',
      'callbacks_shuffled',
      'invented_then_delivered',
      'callback_with_phone_number',
      'callback_form',
      'callback_text_ids',
      'callback_multipart',
      'callback_query',
      'reply',
      'delivered_then_undelivered',
      'undelivered_then_delivered',
    ],
  },
  {
    kind: 'known',
    ends: 'undelivered',
    // Their messages have no text for an SMS.
    faults: [
      'undelivered',
      'expired',
      'sms_delivered',
      'sms_expired',
      'sms_undeliverable',
      'sms_no_callback',
    ],
  },
  { kind: 'known', ends: 'rejected', faults: ['rejected'] },
  { kind: 'known', ends: 'failed', faults: ['error'] },
  {
    kind: 'known',
    ends: 'unresolved',
    faults: ['silent', 'unknown', 'invented_status', 'poll_error', 'poll_refused', 'poll_timeout'],
  },
  {
    kind: 'again',
    ends: 'delivered',
    faults: ['rate_limited_once', 'rate_limited_once_real', 'balance_empty_once'],
  },
  {
    kind: 'refused',
    ends: 'rejected',
    faults: ['refused', 'refused_real', 'refused_without_brackets', 'too_large'],
  },
  {
    kind: 'never',
    ends: 'expired',
    faults: [
      'balance_empty',
      'balance_empty_real',
      'unauthorised',
      'forbidden',
      'not_found',
      'redirect',
      'method_not_allowed',
    ],
  },
  {
    kind: 'told',
    ends: 'delivered',
    faults: [
      'error_after',
      'error_after_real',
      'timeout_after',
      'reset_after',
      'unreadable',
      'half_answer',
      'bad_gateway_after',
      'slow',
      'empty_answer',
      'huge_answer',
      'no_id',
      'dribble',
    ],
  },
  { kind: 'told', ends: 'undelivered', faults: ['timeout_after_undelivered'] },
  { kind: 'told late', ends: 'delivered', faults: ['reset_after_late'] },
  {
    kind: 'unknown',
    ends: 'uncertain',
    faults: [
      'error_before',
      'error_before_real',
      'timeout_before',
      'reset_before',
      'bad_gateway',
      'unavailable',
      'timeout_after_silent',
    ],
  },
];

const ofFault = new Map(
  expectations.flatMap((expectation) => expectation.faults.map((fault) => [fault, expectation])),
);
const modes = ['at_most_once', 'at_least_once'] as const;

/** Surely not sent until then means `expired`: the last half minute is no time to send any more. */
const neverValiditySeconds = 40;
/** Time for some attempts, each a grace after the one before. */
const unknownValiditySeconds = 75;
const hour = 3_600;
/** Of which only attempts within a short validity tell. */
const shortLived: ReadonlySet<Kind> = new Set(['told late', 'unknown']);
/** The part of these that may meet an open breaker until it is too late. */
const mostTooLate = 0.1;

interface Planned {
  readonly fault: string | null;
  readonly mode: DeliveryMode;
}

export const r11 = defineRun<Size>({
  name: 'R11',
  promise: 'every fault of the sandbox x both delivery modes: the fate of DESIGN section 3, always',
  tiers: {
    short: { rounds: 1, size: { times: 1, rate: 25, between: 3, lanes: 4 } },
    // The more are tried again at once, the more ordinary ones go between them, or breakers open.
    full: { rounds: 4, size: { times: 5, rate: 50, between: 6, lanes: 8 } },
  },
  async round(scene, { times, rate, between, lanes: laneCount }) {
    const { findings } = scene;
    const without = fates.filter(({ name }) => !ofFault.has(name)).map(({ name }) => name);
    findings.exactly('faults that nobody says anything about', without.join(), '');
    if (without.length > 0) return;
    findings.count('faults', fates.length);
    const never = faultsOf('never');
    const again = faultsOf('again');
    const world = await scene.world({
      tenants: laneCount + again.length + never.length,
      variables: variablesOf(patientLeases),
    });
    const lanes = world.tenants.slice(0, laneCount);
    const own = [...again, ...never];
    const ofOwn = (fault: string): TestTenant =>
      world.tenants[laneCount + own.indexOf(fault)] as TestTenant;
    const plan = new Plan(scene, world, times, rate);

    const mixed = fates.map(({ name }) => name).filter((name) => !own.includes(name));
    const isMixedOver = plan.send(mixed, lanes, {
      between,
      // As long as any is tried again: where only these are left, nearly all outcomes are unknown.
      behind: rate * unknownValiditySeconds,
    });
    // What stops a whole connection, or slows it down, meets connections of its own.
    const alone = own.filter((fault) => !isWrongAddress(fault));
    await Promise.all(alone.map((fault) => plan.send([fault], [ofOwn(fault)])));
    await isMixedOver;
    scene.say('all but wrong addresses are accepted');
    await finalOrOpen(world, expectedOpen(plan));
    scene.say('all of them have their fates for now');
    await healed(scene, world, plan, alone.map(ofOwn));
    // A wrong address stops every lane of its gateway, until it asks again.
    for (const fault of never.filter(isWrongAddress)) {
      await plan.send([fault], [ofOwn(fault)]);
      await finalOrOpen(world, expectedOpen(plan));
      await healed(scene, world, plan, [ofOwn(fault)]);
    }
    await world.moveClock(2 * hour);
    await finalOrOpen(
      world,
      plan.count((fault) => ofFault.get(fault)?.ends === 'unresolved'),
    );
    scene.say('two hours later');
    await world.moveClock(5 * 24 * hour);
    findings.exactly('everything has its fate', String(await world.quiesce(120_000)), 'true');
    await plan.judgeFates();
    findings.judged(await world.judge());
  },
});

/** What is asked of whom, and what came of it. */
class Plan {
  private readonly planned = new Map<number, Planned>();

  constructor(
    private readonly scene: Scene,
    private readonly world: World,
    private readonly times: number,
    private readonly rate: number,
  ) {}

  count(where: (fault: string) => boolean): number {
    return [...this.planned.values()].filter(({ fault }) => fault !== null && where(fault)).length;
  }

  /** Each fault in each mode, in an order of chance, with so many ordinary messages between them and behind them. */
  async send(
    faults: readonly string[],
    tenants: TestTenant[],
    { between = 0, behind = 0 } = {},
  ): Promise<void> {
    const asked = faults.flatMap((fault) =>
      modes.flatMap((mode) => Array.from({ length: this.times }, () => ({ fault, mode }))),
    );
    const { random } = this.scene;
    const order: Planned[] = [];
    while (asked.length > 0) {
      order.push(...asked.splice(random.integer(0, asked.length - 1), 1));
      order.push(...this.ordinary(between));
    }
    order.push(...this.ordinary(behind));
    const loads: LoadClient[] = [];
    for (const mode of modes) {
      const ofMode = order.filter((planned) => planned.mode === mode);
      const firstNumber = this.world.reserve(ofMode.length);
      ofMode.forEach((planned, n) => this.planned.set(firstNumber + n, planned));
      loads.push(
        this.world.load({
          tenants,
          mode,
          rate: this.rate / modes.length,
          count: ofMode.length,
          firstNumber,
          message: (n) => messageFor(this.planned.get(n)?.fault ?? null, n),
        }),
      );
    }
    const reports = await Promise.all(loads.map((load) => load.finished()));
    for (const { begun, acknowledged } of reports)
      this.scene.findings.exactly('clients that were never told 202', begun - acknowledged, 0);
  }

  async judgeFates(): Promise<void> {
    const { findings } = this.scene;
    const accepted = new Map<number, number>();
    const calls = new Map<number, number>();
    for (const { n, decision } of await sendsOf(this.world)) {
      add(calls, n);
      if (decision === 'accepted') add(accepted, n);
    }
    const query = <Row>(text: string, parameters?: readonly unknown[]): Promise<Row[]> =>
      this.world.postgres.query(text, parameters);
    const faultsMet = new Set<string>();
    let others = 0;
    let judged = 0;
    let tooLate = 0;
    const sentAgain = new Set<string>();
    for await (const { text, place, marked } of readDatabase(query)) {
      const n = numberOf(this.world.run, text);
      const planned = n === null ? undefined : this.planned.get(n);
      if (n === null || !planned) continue;
      judged += 1;
      const sends = calls.get(n) ?? 0;
      if (planned.fault !== null && sends > 0) faultsMet.add(planned.fault);
      if (sends > 1 && planned.fault !== null) sentAgain.add(planned.fault);
      const outcome = { place, marked, sends, taken: accepted.get(n) ?? 0 };
      const wrong = whatIsWrong(planned, outcome);
      if (wrong === null) continue;
      if (isTooLate(planned, outcome)) {
        tooLate += 1;
        continue;
      }
      others += 1;
      findings.notes.push(
        `message ${n}, ${planned.fault ?? 'ordinary'}, ${planned.mode}: ${wrong}`,
      );
    }
    findings.count('fates_judged', judged);
    findings.exactly('messages with a fate', judged, this.planned.size);
    findings.exactly('messages with another fate than theirs', others, 0);
    this.judgeTooLate(tooLate, sentAgain);
    findings.exactly('faults that a send met', faultsMet.size, fates.length);
  }

  /** Few, and of each fault some were sent again. */
  private judgeTooLate(tooLate: number, sentAgain: ReadonlySet<string>): void {
    const { findings } = this.scene;
    const isShortLived = (fault: string): boolean =>
      shortLived.has((ofFault.get(fault) as Expectation).kind);
    const most = Math.ceil(this.count(isShortLived) * mostTooLate);
    const faults = fates.map(({ name }) => name).filter(isShortLived);
    const never = faults.filter((fault) => !sentAgain.has(fault));
    findings.count('too_late_behind_an_open_breaker', tooLate);
    findings.atMost('messages for which an open breaker made it too late', tooLate, most);
    findings.exactly('faults whose messages were never sent again', never.join(), '');
  }

  private ordinary(count: number): Planned[] {
    return Array.from({ length: count }, () => ({
      fault: null,
      mode: this.scene.random.pick(modes),
    }));
  }
}

interface Outcome {
  readonly place: Place;
  readonly marked: boolean;
  /** Calls, and those that the provider accepted. */
  readonly sends: number;
  readonly taken: number;
}

/** null where everything is as DESIGN section 3 says. */
function whatIsWrong({ fault, mode }: Planned, outcome: Outcome): string | null {
  const { kind, ends } = (fault === null ? undefined : ofFault.get(fault)) ?? {
    kind: 'known',
    ends: 'delivered',
  };
  const { place, marked, sends, taken } = outcome;
  const seen = JSON.stringify(outcome);
  if (place !== ends) return `not ${ends}: ${seen}`;
  if (marked && mode === 'at_most_once') return `marked: ${seen}`;
  switch (kind) {
    case 'known':
      return sends === 1 && taken === 1 ? null : `not accepted with one call: ${seen}`;
    case 'again':
      return sends >= 2 && taken === 1 && !marked ? null : `not sent again once: ${seen}`;
    case 'refused':
      return sends === 1 && taken === 0 ? null : `not refused with one call: ${seen}`;
    case 'never':
      return taken === 0 && !marked ? null : `accepted or marked: ${seen}`;
    case 'told':
    case 'told late':
    case 'unknown': {
      if (mode === 'at_most_once') return sends === 1 ? null : `not called once: ${seen}`;
      // Where the callback comes within the grace a slow machine may be late with it.
      if (kind === 'told') return sends >= 1 && marked === sends > 1 ? null : `marked: ${seen}`;
      return sends >= 2 && marked ? null : `not sent again, or not marked: ${seen}`;
    }
    default:
      throw new Error(`no kind of fault: ${String(kind satisfies never)}`);
  }
}

/**
 * Unknown outcomes that are tried again are unknown again, and may open the breaker: whoever is valid for a little more than
 * a minute then expires unsent, or is not sent again. That is true, and no fate of the fault's.
 */
function isTooLate({ fault, mode }: Planned, { place, marked, sends, taken }: Outcome): boolean {
  const kind = fault === null ? null : ofFault.get(fault)?.kind;
  if (kind == null || !shortLived.has(kind) || marked) return false;
  if (sends === 0) return place === 'expired' && taken === 0;
  return mode === 'at_least_once' && sends === 1 && place === ofFault.get(fault!)?.ends;
}

function messageFor(fault: string | null, n: number): Readonly<Record<string, unknown>> {
  if (fault === null) return {};
  const { kind } = ofFault.get(fault) as Expectation;
  const validity = {
    never: neverValiditySeconds,
    unknown: unknownValiditySeconds,
    'told late': unknownValiditySeconds,
  } as Partial<Record<Kind, number>>;
  return {
    recipient: `+${recipientFor(fault, n)}`,
    ...(validity[kind] === undefined ? {} : { validity_seconds: validity[kind] }),
  };
}

function faultsOf(kind: Kind): string[] {
  return expectations.filter((each) => each.kind === kind).flatMap(({ faults }) => faults);
}

function isWrongAddress(fault: string): boolean {
  return ['not_found', 'redirect', 'method_not_allowed'].includes(fault);
}

/** What only the time that is not there yet ends. */
function expectedOpen(plan: Plan): number {
  return plan.count(
    (fault) =>
      fault === 'pending' || fault === 'expired' || ofFault.get(fault)?.ends === 'unresolved',
  );
}

/** Waits until no more than so many messages wait for anything but evidence. */
async function finalOrOpen(world: World, open: number): Promise<void> {
  let left = 0;
  await eventually(
    async () => {
      const [row] = await world.postgres.query<{ count: number }>(
        `select ((select count(*) from outgoing) + (select count(*) from intents)
          + (select count(*) from awaiting where status <> 'uncertain' or retry_at is not null))::int as count`,
      );
      left = row?.count ?? -1;
      return left <= open;
    },
    { withinMs: 240_000, what: `no more than ${open} open messages` },
  ).catch((error: Error) => {
    throw new Error(`${error.message}, but ${left}`);
  });
}

/** Once the fault is over, and an operator has said so where that is asked for, each of the accounts sends again. */
async function healed(
  scene: Scene,
  world: World,
  plan: Plan,
  tenants: TestTenant[],
): Promise<void> {
  const [gateway] = world.replicas;
  for (const { accountId } of tenants) {
    const lane = await callAgain<{ connection_id: string; reason: string | null }>(
      gateway!,
      'GET',
      `/admin/lanes/${accountId}`,
      { token: adminToken, expect: 200 },
    );
    if (lane.reason !== 'key_refused') continue;
    scene.findings.count('keys_resumed_by_an_operator');
    await callAgain(gateway!, 'POST', `/admin/connections/${lane.connection_id}/resume`, {
      token: adminToken,
      expect: 200,
    });
  }
  const load = world.load({ tenants, rate: 50, count: tenants.length });
  await load.finished();
  await delay(500);
  await finalOrOpen(world, expectedOpen(plan));
  scene.say(`${tenants.length} accounts that were stopped send again`);
}

function add(counts: Map<number, number>, n: number): void {
  counts.set(n, (counts.get(n) ?? 0) + 1);
}
