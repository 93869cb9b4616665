/**
 * Chance that can be repeated: the same seed and the same subject give the same number, whatever else was
 * asked before. So the fates of a run do not depend on the order in which its requests happened to arrive.
 */
export class Chance {
  private hashOfSeed: number;

  constructor(seed: string) {
    this.hashOfSeed = hash(seed, 0x811c9dc5);
  }

  reseed(seed: string): void {
    this.hashOfSeed = hash(seed, 0x811c9dc5);
  }

  /** An integer of 32 bits, unsigned. */
  integer(subject: string): number {
    return finish(hash(subject, this.hashOfSeed));
  }

  /** At least 0, below 1. */
  fraction(subject: string): number {
    return this.integer(subject) / 2 ** 32;
  }
}

/** FNV-1a. */
function hash(text: string, start: number): number {
  let value = start;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value;
}

/** The last step of murmur3. FNV alone gives neighbours for texts that differ in their last digit only. */
function finish(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
