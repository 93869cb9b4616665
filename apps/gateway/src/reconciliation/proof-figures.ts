/** The statuses that end a message, as the counters name them. */
export const countedStatuses = [
  'delivered',
  'undelivered',
  'rejected',
  'failed',
  'expired',
  'cancelled',
  'uncertain',
  'unresolved',
] as const;
export type CountedStatus = (typeof countedStatuses)[number];

/** One line of the proof. */
export interface Figure {
  /** By the counters that the accepting and the settling transactions wrote. */
  readonly counted: number;
  /** By the rows. */
  readonly found: number;
}

export type ProofLine = 'accepted' | CountedStatus | 'open';
export const proofLines: readonly ProofLine[] = ['accepted', ...countedStatuses, 'open'];

export interface ProofFigures {
  readonly lines: Readonly<Record<ProofLine, Figure>>;
  readonly orphanedCallbacks: number;
  readonly openIntents: number;
  readonly leavingWindow: number;
}

/** `open`: it adds up so far. `proved`: it adds up, and every message has its end. */
export type ProofVerdict = 'open' | 'proved' | 'failed';
export const proofVerdicts: readonly ProofVerdict[] = ['failed', 'open', 'proved'];

export const missKinds = [
  'message_missing',
  'status_differs',
  'event_missing',
  'nowhere',
  'two_places',
  'counter_differs',
] as const;
export type MissKind = (typeof missKinds)[number];

/** One thing that is amiss, by name. */
export interface Miss {
  readonly kind: MissKind;
  /** null where no row tells which message it is. */
  readonly messageId: string | null;
  /** As the message's row says; null where it is open or gone. */
  readonly status: string | null;
  /** As its timeline says. */
  readonly expected: string | null;
  /** The event that is missing, the tables that know the message, or the line that differs. */
  readonly what: string | null;
}

/** Two sides of one day, as they stood in one snapshot. */
export interface DaySums {
  readonly counted: Readonly<Record<'accepted' | CountedStatus, number>>;
  readonly found: Readonly<Record<'accepted' | CountedStatus, number>>;
  readonly open: number;
  readonly orphaned_callbacks: number;
  readonly open_intents: number;
  readonly leaving_window: number;
}

/** Puts the sides beside each other; what the counters leave over is open by their word. */
export function figuresOf(sums: DaySums): ProofFigures {
  const lines = {} as Record<ProofLine, Figure>;
  let ended = 0;
  for (const line of ['accepted', ...countedStatuses] as const) {
    lines[line] = { counted: sums.counted[line], found: sums.found[line] };
    if (line !== 'accepted') ended += sums.counted[line];
  }
  lines.open = { counted: sums.counted.accepted - ended, found: sums.open };
  return {
    lines,
    orphanedCallbacks: sums.orphaned_callbacks,
    openIntents: sums.open_intents,
    leavingWindow: sums.leaving_window,
  };
}

/** The lines whose sides differ. */
export function differingLines({ lines }: ProofFigures): ProofLine[] {
  return proofLines.filter((line) => lines[line].counted !== lines[line].found);
}

/**
 * The differences that no named message explains: a counter itself is wrong, or a message is gone without a trace.
 * `open` follows from the others, and so is told only where it differs alone.
 */
export function unexplained(figures: ProofFigures, misses: readonly Miss[]): Miss[] {
  const differing = differingLines(figures);
  const told = differing.length > 1 ? differing.filter((line) => line !== 'open') : differing;
  return told.flatMap((line) => {
    const { counted, found } = figures.lines[line];
    const named = new Set(
      misses.filter((miss) => linesOf(miss).has(line)).map((miss) => miss.messageId),
    );
    if (named.size >= Math.abs(counted - found)) return [];
    const what = `${line}: ${counted} counted, ${found} found, ${named.size} named`;
    return [
      { kind: 'counter_differs' as const, messageId: null, status: null, expected: null, what },
    ];
  });
}

const anyLine: ReadonlySet<ProofLine> = new Set(proofLines);

/** The lines that a miss can have put out of step. */
function linesOf({ kind, status, expected }: Miss): ReadonlySet<ProofLine> {
  const said = (text: string | null): ProofLine => (text ?? 'open') as ProofLine;
  switch (kind) {
    case 'message_missing':
      // Without an end in its timeline nobody knows which one it had.
      return expected === null ? anyLine : new Set(['accepted', said(expected), 'open']);
    case 'status_differs':
      return new Set([said(status), said(expected), 'open']);
    case 'event_missing':
    case 'two_places':
    case 'nowhere':
      return new Set([said(status), 'open']);
    case 'counter_differs':
    default:
      return new Set();
  }
}

export function verdictOf(figures: ProofFigures, misses: readonly Miss[]): ProofVerdict {
  if (misses.length > 0 || differingLines(figures).length > 0) return 'failed';
  return figures.lines.open.found === 0 ? 'proved' : 'open';
}

/** Tells two looks at the same miss; the figures of a line may move between them. */
export function keyOfMiss({ kind, messageId, what }: Miss): string {
  return `${kind}/${messageId ?? ''}/${kind === 'counter_differs' ? what?.split(':')[0] : what}`;
}
