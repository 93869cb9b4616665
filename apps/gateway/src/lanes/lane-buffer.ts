/** A queue row that the pager has seen, by its place in the line. */
export interface Candidate {
  readonly messageId: string;
  readonly class: 0 | 1 | 2;
  readonly pos: string;
}

/** Rows of one lane that were read and not yet intended, in their order; and the ids under way. */
export class LaneBuffer {
  private readonly lines: [Candidate[], Candidate[], Candidate[]] = [[], [], []];
  /** Read and not settled: buffered, asked for, or on the wire. */
  private readonly known = new Set<string>();

  get waiting(): [number, number, number] {
    return [this.lines[0].length, this.lines[1].length, this.lines[2].length];
  }

  get size(): number {
    return this.lines[0].length + this.lines[1].length + this.lines[2].length;
  }

  /** Buffered and under way together. */
  get knownSize(): number {
    return this.known.size;
  }

  /** Adds a row in its place, unless it is known already. */
  add(candidate: Candidate): void {
    if (this.known.has(candidate.messageId)) return;
    this.known.add(candidate.messageId);
    this.insert(candidate);
  }

  /** A row that came back (nothing was sent, or its intent was not granted): to its old place. */
  putBack(candidate: Candidate): void {
    this.known.add(candidate.messageId);
    this.insert(candidate);
  }

  take(counts: readonly [number, number, number]): Candidate[] {
    return ([0, 1, 2] as const).flatMap((line) => this.lines[line].splice(0, counts[line]));
  }

  /** The oldest of all classes. */
  takeOldest(): Candidate[] {
    const heads = this.lines.filter((line) => line.length > 0);
    const [oldest] = heads.toSorted(([a], [b]) =>
      (a as Candidate).pos < (b as Candidate).pos ? -1 : 1,
    );
    return oldest ? oldest.splice(0, 1) : [];
  }

  forget(messageId: string): void {
    this.known.delete(messageId);
  }

  private insert(candidate: Candidate): void {
    const line = this.lines[candidate.class];
    let index = line.length;
    while (index > 0 && (line[index - 1] as Candidate).pos > candidate.pos) index -= 1;
    line.splice(index, 0, candidate);
  }
}
