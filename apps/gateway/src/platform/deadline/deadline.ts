import { AsyncLocalStorage } from 'node:async_hooks';

/** The time of the request is over before the work was done. Nothing of it will be done any more. */
export class DeadlinePassed extends Error {
  constructor() {
    super('the time of the request is over');
  }
}

/**
 * By when a request is answered, whatever the database does. Everything that a request waits for asks for it, so that
 * waits one after another do not add up; what outlives the request, or serves many at once, runs `withoutDeadline`.
 */
export class Deadline {
  private isLifted = false;
  private isAmbient = false;

  constructor(private readonly endsAtMs: number) {}

  static in(durationMs: number): Deadline {
    return new Deadline(performance.now() + durationMs);
  }

  /** Infinite once the request is answered: what goes on behind it has its own time-outs. */
  get remainingMs(): number {
    return this.isLifted ? Number.POSITIVE_INFINITY : this.endsAtMs - performance.now();
  }

  lift(): void {
    this.isLifted = true;
    if (this.isAmbient) leave();
    this.isAmbient = false;
  }

  /** Runs work so that all that it starts finds this deadline around it. */
  around<T>(run: () => T): T {
    if (this.isLifted) return run();
    if (!this.isAmbient) inside += 1;
    this.isAmbient = true;
    return ambient.run(this, run);
  }
}

const ambient = new AsyncLocalStorage<Deadline | null>();
/** Open requests whose deadline is ambient. */
let inside = 0;

// Until Node 24 a storage that is in use costs each promise of the whole process a hook.
function leave(): void {
  inside -= 1;
  if (inside === 0) ambient.disable();
}

export function withoutDeadline<T>(run: () => T): T {
  return ambient.getStore() === undefined ? run() : ambient.run(null, run);
}

/** Milliseconds that the present request has left; infinite outside of one. */
export function remainingMs(): number {
  return ambient.getStore()?.remainingMs ?? Number.POSITIVE_INFINITY;
}

/**
 * The outcome of the work, or a rejection once the request's time is over. The work itself goes on: whoever starts it
 * sees to it that it ends without effect.
 * @param late tells the work that nobody waits any more, and says what is known at that moment
 * @param leftMs for a request that keeps its deadline at hand
 */
export function withinDeadline<T>(
  work: Promise<T>,
  late: () => Error = () => new DeadlinePassed(),
  leftMs = remainingMs(),
): Promise<T> {
  if (leftMs === Number.POSITIVE_INFINITY) return work;
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(late()), Math.max(0, leftMs));
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
