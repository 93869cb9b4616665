import {
  textOf,
  type Act,
  type ClientEntry,
  type DeliveryMode,
  type HeardFinal,
  type Histories,
  type Place,
  type ProviderEntry,
  type StoredMessage,
} from './histories.js';
import { judge } from './judge.js';
import type { Judgement } from './verdicts.js';

const run = 'T';
const judgedAt = Date.parse('2026-01-01T01:00:00Z');
const at = judgedAt - 600_000;

export const providerStatus = { delivered: 1, failed: 2, rejected: 3, undelivered: 4, pending: 5 };

/** Histories written by hand: what clients, the provider, the database and the harness would have written down. */
export class History {
  readonly clients: ClientEntry[] = [];
  readonly provider: ProviderEntry[] = [];
  readonly database: StoredMessage[] = [];
  readonly acts: Act[] = [];
  /** Of all that is stored, unless a bug keeps it back. */
  readonly heard: HeardFinal[] = [];
  private count = 0;
  private accepted = 0;

  /** A number for the next message. */
  next(): number {
    this.count += 1;
    return this.count - 1;
  }

  attempt(n: number, mode: DeliveryMode = 'at_most_once'): this {
    this.clients.push({ kind: 'attempt', n, at, mode });
    return this;
  }

  acknowledge(n: number, id = idOf(n)): this {
    this.clients.push({ kind: 'told', n, at, status: 202, id });
    return this;
  }

  /** An answer that is none, or no acknowledgement. */
  fail(n: number, status: number): this {
    this.clients.push({ kind: 'told', n, at, status });
    return this;
  }

  see(n: number, status: string): this {
    this.clients.push({ kind: 'seen', n, at, status });
    return this;
  }

  accept(n: number, endsAs = providerStatus.delivered, endsAt = at): this {
    this.accepted += 1;
    return this.decide(n, {
      decision: 'accepted',
      message_id: String(1_000 + this.accepted),
      ends_as: endsAs,
      ends_at: new Date(endsAt).toISOString(),
    });
  }

  decide(n: number, decided: Pick<ProviderEntry, 'decision'> & Partial<ProviderEntry>): this {
    this.provider.push({
      at: new Date(at).toISOString(),
      kind: 'send',
      body: { text: textOf(run, n) },
      ...decided,
    });
    return this;
  }

  store(n: number, place: Place, more: Partial<Omit<StoredMessage, 'text' | 'place'>> = {}): this {
    this.database.push({
      id: idOf(n),
      text: textOf(run, n),
      place,
      marked: false,
      history: place === 'queued' ? [] : ['sent', place],
      ...more,
    });
    this.heard.push({ at, text: textOf(run, n), status: place });
    return this;
  }

  act(act: string, ...open: readonly number[]): this {
    this.acts.push({ at, act, target: 'gateway-1', openIds: open.map((n) => idOf(n)) });
    return this;
  }

  /** A message that was attempted and acknowledged; the rest of its life is the caller's to write. */
  accepted202(mode: DeliveryMode = 'at_most_once'): number {
    const n = this.next();
    this.attempt(n, mode).acknowledge(n);
    return n;
  }

  judge(): Promise<Judgement> {
    return judge(this.histories());
  }

  histories(): Histories {
    const { clients, provider, database, acts, heard } = this;
    return { run, clients, provider, database, acts, heard, judgedAt };
  }
}

/** The id of a message; `copy` tells apart two rows of one. */
export function idOf(n: number, copy = 0): string {
  const tail = (n * 16 + copy).toString(16).padStart(12, '0');
  return `01890a5d-ac96-774b-bcce-${tail}`;
}

/** Every way in which a message may honestly go. */
export function cleanHistory(): History {
  const history = new History();
  const ends = [
    ['delivered', providerStatus.delivered],
    ['undelivered', providerStatus.undelivered],
    ['rejected', providerStatus.rejected],
    ['failed', providerStatus.failed],
  ] as const;
  for (const [place, status] of ends) {
    const n = history.accepted202();
    history.accept(n, status).store(n, place).see(n, place);
  }
  const open = history.accepted202();
  history.accept(open, providerStatus.pending).store(open, 'pending');
  const late = history.accepted202();
  history.accept(late, providerStatus.delivered, judgedAt + 60_000).store(late, 'sent');
  const refused = history.accepted202();
  history.decide(refused, { decision: 'refused' }).store(refused, 'rejected');
  const tooLarge = history.accepted202();
  history
    .decide(tooLarge, { decision: 'dropped', answer: 'too_large' })
    .store(tooLarge, 'rejected');
  const limited = history.accepted202();
  history
    .decide(limited, { decision: 'rate_limited' })
    .decide(limited, { decision: 'balance_empty' });
  history
    .accept(limited)
    .store(limited, 'delivered', { history: ['queued', 'queued', 'sent', 'delivered'] });
  for (const place of ['expired', 'cancelled'] as const) {
    const n = history.accepted202();
    history.store(n, place, { history: [place] });
  }
  // The provider never said what it did.
  const dropped = history.accepted202();
  history
    .decide(dropped, { decision: 'dropped' })
    .store(dropped, 'uncertain', { history: ['uncertain'] });
  // Killed before the first byte, after it, and with the truth told later.
  const [before, after, resolved] = [
    history.accepted202(),
    history.accepted202(),
    history.accepted202(),
  ];
  history.act('kill', before, after, resolved);
  history.store(before, 'uncertain', { history: ['uncertain'] });
  history.accept(after).store(after, 'uncertain', { history: ['uncertain'] });
  history.accept(resolved).store(resolved, 'delivered', { history: ['uncertain', 'delivered'] });
  // A former owner knew that it had not been sent.
  const known = history.accepted202();
  history.act('stop', known).store(known, 'failed', { history: ['uncertain', 'failed'] });
  const corrected = history.accepted202();
  history.see(corrected, 'undelivered').see(corrected, 'delivered').accept(corrected);
  history.store(corrected, 'delivered', { history: ['sent', 'undelivered', 'delivered'] });
  const twice = history.accepted202('at_least_once');
  history
    .accept(twice, providerStatus.undelivered)
    .accept(twice)
    .store(twice, 'delivered', {
      marked: true,
      history: ['uncertain', 'sent', 'delivered'],
    });
  // The client came again: its first answer was lost, and one that never got through stands nowhere.
  const again = history.next();
  history.attempt(again).fail(again, 0).attempt(again).fail(again, 503).attempt(again);
  history.acknowledge(again).accept(again).store(again, 'delivered');
  const never = history.next();
  history.attempt(never).fail(never, 503);
  return history;
}
