interface Chunk {
  readonly bytes: Buffer;
  readonly firstSeq: number;
  /** Where each line starts. */
  readonly starts: number[];
  used: number;
  /** Bytes that the file has already. */
  filed: number;
}

const chunkBytes = 1024 * 1024;

/**
 * Lines in a few large buffers, outside of the garbage collector's sight: a million entries cost it nothing,
 * and what is written to the file is the same bytes. Whole chunks are forgotten, the oldest first.
 */
export class JournalMemory {
  private chunks: Chunk[] = [];
  private awaitingFile: Chunk[] = [];
  private bytes = 0;
  private lines = 0;

  constructor(
    private readonly limits: { readonly lines: number; readonly bytes: number },
    /** Whether somebody takes the unfiled bytes; else they are not held for him. */
    private readonly isFiled: boolean,
  ) {}

  /** What it keeps from being freed, the lines that wait for the file included. */
  get heldBytes(): number {
    const held = new Set([...this.chunks, ...this.awaitingFile]);
    return [...held].reduce((sum, chunk) => sum + chunk.bytes.length, 0);
  }

  /** The lowest number that is still kept; the next one to come where nothing is. */
  firstSeq(nextSeq: number): number {
    return this.chunks[0]?.firstSeq ?? nextSeq;
  }

  append(seq: number, line: string): void {
    let chunk = this.chunks[this.chunks.length - 1];
    // Three bytes are the most that UTF-8 makes of one UTF-16 unit: counting is needed only near the end.
    const isTight = !chunk || chunk.bytes.length - chunk.used < line.length * 3;
    const needed = isTight ? Buffer.byteLength(line) : 0;
    if (!chunk || (isTight && chunk.bytes.length - chunk.used < needed)) {
      chunk = this.open(seq, Math.max(chunkBytes, needed));
    }
    if (this.isFiled && this.awaitingFile.at(-1) !== chunk) this.awaitingFile.push(chunk);
    chunk.starts.push(chunk.used);
    chunk.used += chunk.bytes.write(line, chunk.used);
    this.lines++;
  }

  /** The oldest bytes that the file has not; null when it has all. */
  unfiled(): Buffer | null {
    const [chunk] = this.awaitingFile;
    return chunk ? chunk.bytes.subarray(chunk.filed, chunk.used) : null;
  }

  /** So many of the bytes that `unfiled` gave have reached the file. */
  filed(count: number): void {
    const [chunk] = this.awaitingFile;
    if (!chunk) return;
    chunk.filed += count;
    if (chunk.filed === chunk.used) this.awaitingFile.shift();
  }

  /** Lines numbered above `after`, with their line ends. */
  *linesAfter(after: number): Generator<{ seq: number; line: Buffer }> {
    for (const chunk of this.chunks) {
      const last = chunk.firstSeq + chunk.starts.length - 1;
      if (last <= after) continue;
      for (let seq = Math.max(chunk.firstSeq, after + 1); seq <= last; seq++) {
        const at = seq - chunk.firstSeq;
        yield {
          seq,
          line: chunk.bytes.subarray(chunk.starts[at], chunk.starts[at + 1] ?? chunk.used),
        };
      }
    }
  }

  clear(): void {
    this.chunks = [];
    this.awaitingFile = [];
    this.bytes = 0;
    this.lines = 0;
  }

  private open(firstSeq: number, size: number): Chunk {
    const chunk = { bytes: Buffer.allocUnsafeSlow(size), firstSeq, starts: [], used: 0, filed: 0 };
    this.chunks.push(chunk);
    this.bytes += size;
    while (
      this.chunks.length > 1 &&
      (this.lines > this.limits.lines || this.bytes > this.limits.bytes)
    ) {
      const oldest = this.chunks.shift()!;
      this.bytes -= oldest.bytes.length;
      this.lines -= oldest.starts.length;
    }
    return chunk;
  }
}
