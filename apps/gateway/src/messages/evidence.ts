import { finalRank, ranks, type MessageStatus } from './transitions.js';

/** Where a piece of evidence comes from; `gateway` is our own doing (cancelled, expired, window over). */
export type EvidenceSource = 'callback' | 'poll' | 'answer' | 'former_owner' | 'gateway';

/** What somebody knows of one attempt of one message. */
export interface Evidence {
  readonly tenantId: string;
  readonly messageId: string;
  /** 0 where no attempt was made. */
  readonly attempt: number;
  readonly source: EvidenceSource;
  readonly status: MessageStatus;
  /** Ends the message; differs from the rank only for an `uncertain` that no evidence can resolve any more. */
  readonly isFinal: boolean;
  /** When we learned it. */
  readonly at: Date;
  /** The type of its event in the timeline; null where another event tells it already. */
  readonly eventType: string | null;
  readonly providerStatus?: string | null;
  readonly providerMessageId?: string | null;
  /** The provider's status of the SMS that it sent in place of the message, as it came. */
  readonly smsStatus?: number | null;
  /** Stable code and sentence of `status_detail`. */
  readonly code?: string | null;
  readonly message?: string | null;
  readonly detail?: Readonly<Record<string, unknown>>;
}

export function rankOf(evidence: Pick<Evidence, 'status' | 'isFinal'>): number {
  return evidence.isFinal ? Math.max(finalRank, ranks[evidence.status]) : ranks[evidence.status];
}

/** Of several pieces for one message the highest, and beside it the others, which only the timeline sees. */
export interface Reduced {
  readonly highest: Evidence;
  readonly outranked: readonly Evidence[];
}

/**
 * Reduces evidence to one piece per message, whatever their order: the highest rank, then the latest attempt, then
 * the first that came. A final of an attempt that a later one followed ends nothing unless it is `delivered`, and
 * so stands below all that is known of the later one. A provider id that only a lower piece of the same attempt
 * carries is handed to the highest.
 */
export function reduceEvidence(pieces: readonly Evidence[]): Reduced[] {
  const byMessage = new Map<string, Evidence[]>();
  for (const piece of pieces) {
    const key = `${piece.tenantId}/${piece.messageId}`;
    const known = byMessage.get(key);
    if (known) known.push(piece);
    else byMessage.set(key, [piece]);
  }
  return [...byMessage.values()].map(reduceOne);
}

function reduceOne(pieces: readonly Evidence[]): Reduced {
  const lastAttempt = Math.max(...pieces.map((piece) => piece.attempt));
  const weight = (piece: Evidence): number => {
    const isSuperseded =
      rankOf(piece) >= finalRank && piece.status !== 'delivered' && piece.attempt < lastAttempt;
    return isSuperseded ? -1 : rankOf(piece);
  };
  const [first, ...rest] = [...pieces].sort(
    (a, b) =>
      weight(b) - weight(a) ||
      b.attempt - a.attempt ||
      a.at.getTime() - b.at.getTime() ||
      compareTexts(identityOf(a), identityOf(b)),
  );
  const highest = first as Evidence;
  if (highest.providerMessageId) return { highest, outranked: rest };
  const twin = rest.find((piece) => piece.attempt === highest.attempt && piece.providerMessageId);
  return {
    highest: twin ? { ...highest, providerMessageId: twin.providerMessageId ?? null } : highest,
    outranked: rest,
  };
}

/** Settles what rank, attempt and time leave open, so that two replicas choose alike. */
function identityOf(piece: Evidence): string {
  return [
    piece.status,
    piece.providerMessageId ?? '',
    piece.providerStatus ?? '',
    piece.source,
    piece.code ?? '',
  ].join('/');
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
