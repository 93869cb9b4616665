import {
  numberOf,
  type Act,
  type ClientEntry,
  type HeardFinal,
  type Histories,
  type Place,
  type ProviderEntry,
  type StoredMessage,
} from './histories.js';
import { fact, Ledger, shortId } from './ledger.js';
import { VerdictList, type Judgement } from './verdicts.js';

/** The provider's final statuses by its own numbers, told apart from the gateway's table on purpose. */
const truthOf: Readonly<Record<number, Place>> = {
  1: 'delivered',
  2: 'failed',
  3: 'rejected',
  4: 'undelivered',
};
/** A status that the provider does not end with, or that it reaches only later. */
const open = 255;

/** Once a client or the timeline has seen one of these, only `delivered` may follow. */
const lasting: ReadonlySet<string> = new Set([
  'delivered',
  'undelivered',
  'rejected',
  'failed',
  'expired',
  'cancelled',
]);

/** What an endpoint is told of by default. */
const finals: ReadonlySet<string> = new Set([...lasting, 'unresolved']);

/**
 * Joins what clients attempted and were told, what the provider decided, and what the database says, into verdicts,
 * by the definitions of docs/guarantees.md. It reads each history once and keeps one small record for each message.
 */
export async function judge(histories: Histories): Promise<Judgement> {
  const bench = new Bench(histories);
  for await (const act of histories.acts) bench.takeAct(act);
  for await (const entry of histories.clients) bench.takeClient(entry);
  for await (const entry of histories.provider) bench.takeProvider(entry);
  for await (const heard of histories.heard ?? []) bench.takeHeard(heard);
  for await (const message of histories.database) bench.takeStored(message);
  return bench.conclude();
}

class Bench {
  private readonly ledger = new Ledger();
  private readonly list = new VerdictList();
  private readonly accountedIds = new Set<bigint>();

  constructor(private readonly histories: Pick<Histories, 'run' | 'judgedAt' | 'heard'>) {}

  takeAct(act: Act): void {
    for (const id of act.openIds) this.accountedIds.add(shortId(id));
  }

  takeClient(entry: ClientEntry): void {
    const { ledger } = this;
    switch (entry.kind) {
      case 'attempt':
        ledger.note(
          entry.n,
          fact.attempted | (entry.mode === 'at_least_once' ? fact.atLeastOnce : 0),
        );
        return;
      case 'told':
        if (entry.status === 202 && entry.id) ledger.acknowledge(entry.n, shortId(entry.id));
        return;
      case 'seen': {
        const before = ledger.seen(entry.n);
        if (!lasting.has(entry.status)) return;
        if (before !== 'nowhere' && !mayFollow(before, entry.status))
          ledger.note(entry.n, fact.takenBack);
        ledger.see(entry.n, entry.status as Place);
        return;
      }
      default:
        throw new Error(`no entry of a client: ${JSON.stringify(entry satisfies never)}`);
    }
  }

  takeProvider(entry: ProviderEntry): void {
    if (entry.kind !== 'send') return;
    const text = (entry.body as { text?: unknown } | undefined)?.text;
    const n = numberOf(this.histories.run, text);
    if (n === null || !this.ledger.has(n, fact.attempted)) {
      if (entry.decision === 'accepted')
        this.list.add('UNEXPECTED', n, `the provider accepted ${String(entry.message_id)}`);
      return;
    }
    // 413 is no documented refusal, but nobody who answers so has taken the message.
    const isRefused = entry.decision === 'refused' || entry.answer === 'too_large';
    this.ledger.note(n, fact.reached | (isRefused ? fact.refused : 0));
    if (entry.decision !== 'accepted') return;
    const isOver = Date.parse(entry.ends_at ?? '') <= this.histories.judgedAt;
    const truth = isOver && truthOf[entry.ends_as ?? open] ? (entry.ends_as as number) : open;
    this.ledger.accept(n, truth);
    if (truthOf[truth] === 'delivered') this.ledger.note(n, fact.delivered);
  }

  takeHeard({ text, status }: HeardFinal): void {
    const n = numberOf(this.histories.run, text);
    if (n !== null && finals.has(status)) this.ledger.hear(n, status as Place);
  }

  takeStored(message: StoredMessage): void {
    const { ledger } = this;
    const n = numberOf(this.histories.run, message.text);
    if (n === null || !ledger.has(n, fact.attempted)) {
      this.list.add('UNEXPECTED', n, `row ${message.id} is no client's`);
      return;
    }
    const id = shortId(message.id);
    if (ledger.has(n, fact.stored)) ledger.note(n, fact.storedTwice);
    if (ledger.acknowledgedId(n) === id) ledger.note(n, fact.idStored);
    // The row that was acknowledged speaks for the message.
    if (!ledger.has(n, fact.stored) || ledger.acknowledgedId(n) === id)
      ledger.place(n, message.place);
    ledger.note(
      n,
      fact.stored |
        (message.marked ? fact.marked : 0) |
        (this.accountedIds.has(id) ? fact.accounted : 0) |
        (message.place === 'uncertain' || message.history.includes('uncertain')
          ? fact.everUncertain
          : 0) |
        (isTakenBack(message.history) ? fact.takenBack : 0),
    );
  }

  conclude(): Judgement {
    const { ledger, list } = this;
    const totals = {
      attempted: 0,
      acknowledged: 0,
      stored: 0,
      sent: 0,
      markedDuplicates: 0,
      uncertain: 0,
      everUncertain: 0,
      accountedUncertain: 0,
    };
    const places: Record<string, number> = {};
    for (let n = 0; n < ledger.length; n += 1) {
      if (!ledger.has(n, fact.attempted)) continue;
      totals.attempted += 1;
      totals.acknowledged += Number(ledger.has(n, fact.acknowledged));
      totals.sent += Number(ledger.accepted(n) > 0);
      this.judgeCopies(n, totals);
      if (!ledger.has(n, fact.stored)) {
        if (ledger.has(n, fact.acknowledged)) list.add('LOST', n, 'acknowledged, but no row');
        continue;
      }
      totals.stored += 1;
      const place = ledger.placeOf(n);
      places[place] = (places[place] ?? 0) + 1;
      totals.uncertain += Number(place === 'uncertain');
      this.judgeRows(n);
      this.judgeFate(n, place);
      this.judgeCertainty(n, totals);
      if (this.histories.heard !== null && finals.has(place) && !ledger.heard(n, place))
        list.add('UNTOLD', n, `${place}, and no endpoint heard of it`);
    }
    return { ...totals, places, counts: list.counts, verdicts: list.kept };
  }

  private judgeCopies(n: number, totals: { markedDuplicates: number }): void {
    const { ledger, list } = this;
    const copies = ledger.accepted(n);
    if (copies < 2) return;
    if (!ledger.has(n, fact.atLeastOnce)) list.add('DUPLICATE', n, `accepted ${copies} times`);
    else if (!ledger.has(n, fact.marked))
      list.add('DUPLICATE', n, `accepted ${copies} times, and not marked`);
    else totals.markedDuplicates += 1;
  }

  private judgeRows(n: number): void {
    const { ledger, list } = this;
    if (ledger.has(n, fact.storedTwice)) list.add('UNEXPECTED', n, 'stored twice');
    if (ledger.has(n, fact.acknowledged) && !ledger.has(n, fact.idStored))
      list.add('LOST', n, 'the id that was acknowledged has no row');
    else if (ledger.has(n, fact.twoIds)) list.add('LOST', n, 'two ids were acknowledged');
  }

  private judgeFate(n: number, place: Place): void {
    const { ledger, list } = this;
    const copies = ledger.accepted(n);
    const truth = copies === 0 ? null : (truthOf[ledger.truth(n)] ?? null);
    if (ledger.has(n, fact.takenBack)) list.add('WRONG', n, 'a final was taken back');
    switch (place) {
      case 'nowhere':
      case 'scheduled':
      case 'queued':
        if (ledger.has(n, fact.acknowledged)) list.add('LOST', n, `no fate: still ${place}`);
        return;
      case 'sent':
      case 'pending':
        if (copies === 0) list.add('WRONG', n, `${place}, but the provider accepted nothing`);
        else if (truth !== null) list.add('LOST', n, `no fate: still ${place}, in truth ${truth}`);
        return;
      case 'uncertain':
      case 'unresolved':
        return;
      case 'expired':
      case 'cancelled':
        if (copies > 0) list.add('WRONG', n, `${place}, but the provider accepted it`);
        return;
      case 'delivered':
        if (!ledger.has(n, fact.delivered))
          list.add('WRONG', n, `delivered, in truth ${truth ?? 'open or never accepted'}`);
        return;
      case 'undelivered':
      case 'rejected':
      case 'failed':
        this.judgeFailure(n, place, truth);
        return;
      default:
        throw new Error(`no place of a message: ${String(place satisfies never)}`);
    }
  }

  private judgeFailure(
    n: number,
    place: 'undelivered' | 'rejected' | 'failed',
    truth: Place | null,
  ): void {
    const { ledger, list } = this;
    const isTrue =
      !ledger.has(n, fact.delivered) &&
      (truth === place ||
        (place === 'rejected' && ledger.has(n, fact.refused)) ||
        // Surely not sent: a former owner's knowledge.
        (place === 'failed' && ledger.accepted(n) === 0));
    if (isTrue) return;
    const really = ledger.has(n, fact.delivered)
      ? 'delivered'
      : (truth ?? 'open or never accepted');
    list.add('WRONG', n, `${place}, in truth ${really}`);
  }

  private judgeCertainty(
    n: number,
    totals: { everUncertain: number; accountedUncertain: number },
  ): void {
    const { ledger, list } = this;
    if (!ledger.has(n, fact.everUncertain)) return;
    totals.everUncertain += 1;
    if (ledger.has(n, fact.accounted)) totals.accountedUncertain += 1;
    else if (!ledger.has(n, fact.reached))
      list.add('FALSE_UNCERTAIN', n, 'nothing reached the provider, and no owner was hit');
  }
}

function mayFollow(before: string, after: string): boolean {
  return before === after || (after === 'delivered' && before !== 'delivered');
}

/** Whether a final status was followed by another one, `delivered` excepted. */
function isTakenBack(history: readonly string[]): boolean {
  let final: string | null = null;
  for (const status of history) {
    if (final !== null && !mayFollow(final, status)) return true;
    if (lasting.has(status)) final = status;
  }
  return false;
}
