interface Appointment {
  readonly dueAt: number;
  /** Breaks ties, so that what was planned first also happens first. */
  readonly order: number;
  readonly act: () => void;
}

const longestTimerMs = 2 ** 31 - 1;

/**
 * The sandbox's own time: real time plus what was added by `advance`. The five-day memory, rate limits,
 * statuses and callbacks go by it; how long an answer is held back is real time.
 */
export class SandboxClock {
  private offsetMs = 0;
  private ordered = 0;
  private timer: NodeJS.Timeout | undefined;
  private timerDueAt = Infinity;
  /** A binary heap, the earliest first. */
  private readonly heap: Appointment[] = [];

  constructor(private readonly realNow: () => number = Date.now) {}

  /** Milliseconds since 1970, by the sandbox's clock. */
  now(): number {
    return this.realNow() + this.offsetMs;
  }

  get planned(): number {
    return this.heap.length;
  }

  /** Acts once, `delayMs` of sandbox time from now. */
  after(delayMs: number, act: () => void): void {
    this.push({ dueAt: this.now() + Math.max(0, delayMs), order: this.ordered++, act });
    this.arm();
  }

  /** Moves the clock forward and does at once whatever became due. Returns how many acts that were. */
  advance(ms: number): number {
    this.offsetMs += ms;
    return this.actOnDue();
  }

  /** Forgets all that was planned and returns to real time. */
  reset(): void {
    this.heap.length = 0;
    this.offsetMs = 0;
    clearTimeout(this.timer);
    this.timerDueAt = Infinity;
  }

  private actOnDue(): number {
    let acts = 0;
    for (let first = this.heap[0]; first && first.dueAt <= this.now(); first = this.heap[0]) {
      this.pop();
      acts++;
      first.act();
    }
    this.arm();
    return acts;
  }

  private arm(): void {
    const dueAt = this.heap[0]?.dueAt ?? Infinity;
    if (dueAt === this.timerDueAt) return;
    clearTimeout(this.timer);
    this.timerDueAt = dueAt;
    if (dueAt === Infinity) return;
    const waitMs = Math.min(longestTimerMs, Math.max(0, dueAt - this.now()));
    this.timer = setTimeout(() => {
      this.timerDueAt = Infinity;
      this.actOnDue();
    }, waitMs);
    this.timer.unref();
  }

  private push(appointment: Appointment): void {
    const { heap } = this;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(appointment, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = appointment;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(one: Appointment, other: Appointment): boolean {
  return one.dueAt < other.dueAt || (one.dueAt === other.dueAt && one.order < other.order);
}
