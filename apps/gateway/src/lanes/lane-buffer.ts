/** A queue row that the pager has seen, by its place in the line. */
export interface Candidate {
  readonly messageId: string;
  readonly class: 0 | 1 | 2;
  readonly pos: string;
}

/** The zero of the order: before every UUID. */
export const beforeAll = '00000000-0000-0000-0000-000000000000';

/** Most rows that wait here of one class, however long a lane is paused or slow. */
export const mostOfALine = 1_000;

/**
 * Rows of one lane that were read and not yet intended, in their order; the ids under way; and how far the queue was
 * read. A full line keeps its oldest rows: the youngest is let go, and the position moves back to before it, so that
 * a late commit finds its place and nothing is passed over (DISPATCH 10 and 17).
 */
export class LaneBuffer {
  private readonly lines: [Candidate[], Candidate[], Candidate[]] = [[], [], []];
  /** Read and not settled, by id: buffered, asked for, or on the wire. */
  private readonly known = new Map<string, 0 | 1 | 2>();
  private readonly knownOf: [number, number, number] = [0, 0, 0];
  private readonly readUntil: [string, string, string] = [beforeAll, beforeAll, beforeAll];

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

  /** The same of one class. */
  knownIn(line: 0 | 1 | 2): number {
    return this.knownOf[line];
  }

  /** Where reading goes on in a class: a hint only (DISPATCH 17). */
  position(line: 0 | 1 | 2): string {
    return this.readUntil[line];
  }

  /** A page was read up to here. In a full line what follows its last row may have been let go. */
  moveOn(line: 0 | 1 | 2, pos: string): void {
    const last = this.lines[line].at(-1);
    const isFull = this.lines[line].length >= mostOfALine;
    const until = isFull && last !== undefined && last.pos < pos ? last.pos : pos;
    if (until > this.readUntil[line]) this.readUntil[line] = until;
  }

  /** Adds a row in its place, unless it is known already. */
  add(candidate: Candidate): void {
    if (!this.known.has(candidate.messageId)) this.putBack(candidate);
  }

  /** A row that came back (nothing was sent, or its intent was not granted): to its old place. */
  putBack(candidate: Candidate): void {
    this.forget(candidate.messageId);
    this.known.set(candidate.messageId, candidate.class);
    this.knownOf[candidate.class] += 1;
    this.insert(candidate);
    this.letGoOfYoungest(candidate.class);
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
    const line = this.known.get(messageId);
    if (line === undefined) return;
    this.known.delete(messageId);
    this.knownOf[line] -= 1;
  }

  private insert(candidate: Candidate): void {
    const line = this.lines[candidate.class];
    let index = line.length;
    while (index > 0 && (line[index - 1] as Candidate).pos > candidate.pos) index -= 1;
    line.splice(index, 0, candidate);
  }

  private letGoOfYoungest(of: 0 | 1 | 2): void {
    const line = this.lines[of];
    if (line.length <= mostOfALine) return;
    this.forget((line.pop() as Candidate).messageId);
    const last = line.at(-1) as Candidate;
    if (last.pos < this.readUntil[of]) this.readUntil[of] = last.pos;
  }
}
