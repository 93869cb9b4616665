/** Where a look for rows begins: at the oldest of all, or so many seconds back. */
export type LookFrom = 'head' | 'lately';

/** What `lately` is: longer than any transaction of ours is on its way from drawing an id to its commit. */
export const LATELY_SECONDS = 30;

/**
 * `all`: nothing is left of what the look could see. `more`: there may be more. `none`: it was not allowed to take
 * anything, and something may be left.
 */
export type LookOutcome = 'all' | 'more' | 'none';

const headEveryMs = 60_000;
/** A loop that was away for longer, as a stopped process is, cannot know what came and went. */
const longestGapMs = 10_000;

/**
 * Decides where the looks of a loop begin that takes rows in their order (DISPATCH 17). What was taken stays in the
 * index while some transaction is open that might still see it, and lies in the way of each look from the head. So
 * a look begins lately when one has left nothing a moment ago; but from the head once a minute, whatever committed late,
 * and after each that left something or failed, so that nothing older is overtaken.
 */
export class Looks {
  /** The last look, where it left nothing, and the last of those that began at the head. */
  private clear: { readonly atMs: number; readonly headAtMs: number } | null = null;

  constructor(
    private readonly look: (from: LookFrom) => Promise<LookOutcome>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** One look. Returns true when there may be more to take at once. */
  async once(): Promise<boolean> {
    const atMs = this.nowMs();
    const { clear } = this;
    this.clear = null;
    const mayBeginLately =
      clear !== null && atMs - clear.headAtMs < headEveryMs && atMs - clear.atMs < longestGapMs;
    const outcome = await this.look(mayBeginLately ? 'lately' : 'head');
    if (outcome === 'all') this.clear = { atMs, headAtMs: mayBeginLately ? clear.headAtMs : atMs };
    return outcome === 'more';
  }
}

/** The parameter of a statement that looks: seconds back from now, or null for the head. */
export function secondsBack(from: LookFrom): number | null {
  return from === 'head' ? null : LATELY_SECONDS;
}
