import type { Place } from './histories.js';

/** What is known of one message, one bit each. */
export const fact = {
  attempted: 1 << 0,
  acknowledged: 1 << 1,
  /** The id that was acknowledged has a row. */
  idStored: 1 << 2,
  /** Two answers told two ids. */
  twoIds: 1 << 3,
  stored: 1 << 4,
  storedTwice: 1 << 5,
  atLeastOnce: 1 << 6,
  marked: 1 << 7,
  everUncertain: 1 << 8,
  takenBack: 1 << 9,
  /** The provider wrote down a request for it, whatever it decided. */
  reached: 1 << 10,
  refused: 1 << 11,
  /** Some copy of it is delivered. */
  delivered: 1 << 12,
  /** What the harness did accounts for an unknown outcome. */
  accounted: 1 << 13,
} as const;

export const places: readonly Place[] = [
  'nowhere',
  'scheduled',
  'queued',
  'sent',
  'pending',
  'uncertain',
  'delivered',
  'undelivered',
  'rejected',
  'failed',
  'expired',
  'cancelled',
  'unresolved',
];

const firstSize = 1 << 14;

/**
 * One compact record for each message, by its number: about twenty bytes, so that a million of them are little beside
 * Node itself.
 */
export class Ledger {
  private size = firstSize;
  private facts = new Uint16Array(firstSize);
  private acknowledgedIds = new BigUint64Array(firstSize);
  private acceptedTimes = new Uint8Array(firstSize);
  private lastTruths = new Uint8Array(firstSize);
  private lastPlaces = new Uint8Array(firstSize);
  private seenFinals = new Uint8Array(firstSize);
  private heardFinals = new Uint16Array(firstSize);
  /** Above the highest number. */
  length = 0;

  note(n: number, bits: number): void {
    this.reach(n);
    this.facts[n] = this.factsOf(n) | bits;
  }

  has(n: number, bit: number): boolean {
    return (this.factsOf(n) & bit) !== 0;
  }

  acknowledge(n: number, id: bigint): void {
    this.reach(n);
    const known = this.acknowledgedIds[n] ?? 0n;
    if (known !== 0n && known !== id) this.note(n, fact.twoIds);
    this.acknowledgedIds[n] = known === 0n ? id : known;
    this.note(n, fact.acknowledged);
  }

  acknowledgedId(n: number): bigint {
    return this.acknowledgedIds[n] ?? 0n;
  }

  /** @param truth the provider's number of its last status, 255 where that is no final one yet */
  accept(n: number, truth: number): void {
    this.reach(n);
    this.acceptedTimes[n] = Math.min(255, this.accepted(n) + 1);
    this.lastTruths[n] = truth;
  }

  accepted(n: number): number {
    return this.acceptedTimes[n] ?? 0;
  }

  /** Of the copy that was accepted last. */
  truth(n: number): number {
    return this.lastTruths[n] ?? 0;
  }

  place(n: number, place: Place): void {
    this.reach(n);
    this.lastPlaces[n] = places.indexOf(place);
  }

  placeOf(n: number): Place {
    return places[this.lastPlaces[n] ?? 0] as Place;
  }

  see(n: number, final: Place): void {
    this.reach(n);
    this.seenFinals[n] = places.indexOf(final);
  }

  /** The final that a client read last; `nowhere` where none did. */
  seen(n: number): Place {
    return places[this.seenFinals[n] ?? 0] as Place;
  }

  /** One bit for each place that an endpoint heard of. */
  hear(n: number, final: Place): void {
    this.reach(n);
    this.heardFinals[n] = (this.heardFinals[n] ?? 0) | (1 << places.indexOf(final));
  }

  heard(n: number, final: Place): boolean {
    return ((this.heardFinals[n] ?? 0) & (1 << places.indexOf(final))) !== 0;
  }

  private factsOf(n: number): number {
    return this.facts[n] ?? 0;
  }

  private reach(n: number): void {
    this.length = Math.max(this.length, n + 1);
    if (n < this.size) return;
    while (this.size <= n) this.size *= 2;
    this.facts = grown(this.facts, new Uint16Array(this.size));
    this.acknowledgedIds = grown(this.acknowledgedIds, new BigUint64Array(this.size));
    this.acceptedTimes = grown(this.acceptedTimes, new Uint8Array(this.size));
    this.lastTruths = grown(this.lastTruths, new Uint8Array(this.size));
    this.lastPlaces = grown(this.lastPlaces, new Uint8Array(this.size));
    this.seenFinals = grown(this.seenFinals, new Uint8Array(this.size));
    this.heardFinals = grown(this.heardFinals, new Uint16Array(this.size));
  }
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** The last 64 bits of a UUID: random in a UUIDv7, and enough to tell one from another within a run. */
export function shortId(uuid: string): bigint {
  return BigInt(`0x${uuid.slice(19, 23)}${uuid.slice(24)}`);
}
