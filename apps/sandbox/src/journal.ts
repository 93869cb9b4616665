import { Injectable } from '@nestjs/common';
import { SandboxClock } from './clock.js';
import { JournalFile } from './journal-file.js';
import { JournalMemory } from './journal-memory.js';
import { SandboxConfig } from './sandbox.config.js';

export type JournalKind = 'send' | 'status' | 'callback' | 'inbound' | 'other' | 'reset';

/**
 * What was decided: a send is `accepted` or one of the rest; a status request is `answered` or one of the
 * rest; a callback was `answered` with 2xx, or `failed` (to be tried again), or `given_up`.
 * `dropped`: nothing was accepted and the caller was not told so in a documented way.
 */
export type Decision =
  | 'accepted'
  | 'answered'
  | 'refused'
  | 'unauthorised'
  | 'forbidden'
  | 'rate_limited'
  | 'balance_empty'
  | 'dropped'
  | 'failed'
  | 'given_up'
  | 'done';

/** One line of the journal. */
export interface JournalEntry {
  /** Counts from 1 without a gap while the process lives. */
  seq: number;
  /** ISO 8601, by the sandbox's clock. */
  at: string;
  kind: JournalKind;
  decision: Decision;
  /** Why it was not accepted or not answered, such as the name of a parameter. */
  reason?: string;
  key?: string;
  recipient?: string;
  /** Digits; as text, as it can be wider than 2^53. */
  message_id?: string;
  status?: number;
  /** The fate or the fault that decided. */
  fate?: string;
  /** How it was told: a name of the table of answers. */
  answer?: string;
  callback_url?: string;
  /** Of an accepted send: the status that it will end with, and when, by the sandbox's clock. */
  ends_as?: number;
  ends_at?: string;
  /** Of a callback: its number, from 1. */
  attempt?: number;
  /** Of a callback: what the other side answered. */
  http_status?: number;
  /** Of kind `other`: method and path. */
  request?: string;
  content_type?: string;
  /** The whole body of a request, as it came. */
  body?: unknown;
}

export type NewEntry = Omit<JournalEntry, 'seq' | 'at' | 'body'>;

export interface JournalFilter {
  after?: number;
  limit?: number;
  kind?: string;
  key?: string;
  recipient?: string;
  message_id?: string;
}

/** Lines that one page looks at, so that a filter which meets few of them does not stop the sandbox for long. */
const examinedPerPage = 50_000;

/** What was decided cannot be proved any more. */
export class JournalBroken extends Error {
  override readonly name = 'JournalBroken';

  constructor(path: string, cause: unknown) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    super(`The journal ${path} cannot be written (${why}).`, { cause });
  }
}

/**
 * Every request and its decision, written down before it is answered. With a file: all that one tick of the
 * event loop decided goes out in one write, and the answers follow that write, so that a killed process
 * never leaves an answer without its line.
 */
@Injectable()
export class Journal {
  private readonly memory: JournalMemory;
  private file: JournalFile | undefined;
  private seq = 0;
  private filing: Promise<void> | undefined;
  private reportBroken!: (error: JournalBroken) => void;
  /** Resolves when the file could not be written. */
  readonly broken: Promise<JournalBroken>;

  constructor(
    config: SandboxConfig,
    private readonly clock: SandboxClock,
  ) {
    this.file = config.journalFile ? new JournalFile(config.journalFile) : undefined;
    this.memory = new JournalMemory(
      { lines: config.journalLimit, bytes: config.journalMemoryMib * 1024 * 1024 },
      this.file !== undefined,
    );
    this.broken = new Promise((resolve) => (this.reportBroken = resolve));
  }

  /** @param bodyJson the request's body as JSON text on one line, spliced in without being parsed again. */
  record(entry: NewEntry, bodyJson?: string): void {
    const seq = ++this.seq;
    const head = `{"seq":${seq},"at":"${new Date(this.clock.now()).toISOString()}",`;
    const rest = JSON.stringify(entry).slice(1, -1);
    this.memory.append(
      seq,
      `${head}${rest}${bodyJson === undefined ? '' : `,"body":${bodyJson}`}}\n`,
    );
  }

  /** Resolves once all that was recorded so far is where it must be; rejects when the file cannot be written. */
  recorded(): Promise<void> | undefined {
    if (this.file === undefined) return undefined;
    this.filing ??= new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        this.filing = undefined;
        try {
          this.writeToFile();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
    return this.filing;
  }

  get lastSeq(): number {
    return this.seq;
  }

  get firstSeq(): number {
    return this.memory.firstSeq(this.seq + 1);
  }

  /** Memory that its lines take. */
  get heldBytes(): number {
    return this.memory.heldBytes;
  }

  /**
   * Lines of NDJSON above `after`, at most `limit` of them, and the last number looked at. A page may be short, or
   * empty, though more follow: it looks at a bounded number of lines. It has come to the end when `last` is `lastSeq`.
   */
  page(filter: JournalFilter): { lines: Buffer[]; last: number } {
    return this.read(filter, examinedPerPage);
  }

  /** All of them at once, parsed. */
  entries(filter: JournalFilter = {}): JournalEntry[] {
    const { lines } = this.read(filter, Infinity);
    return lines.map((line) => JSON.parse(line.toString()) as JournalEntry);
  }

  /** Empties the memory. The file goes on, and so do the numbers. */
  reset(): void {
    this.writeToFile();
    this.memory.clear();
    this.record({ kind: 'reset', decision: 'done' });
  }

  close(): void {
    if (this.file === undefined) return;
    try {
      this.writeToFile();
    } finally {
      this.file.close();
      this.file = undefined;
    }
  }

  private read(
    { after = 0, limit = Infinity, ...filter }: JournalFilter,
    atMost: number,
  ): { lines: Buffer[]; last: number } {
    const wanted = wantedOf(filter);
    const lines: Buffer[] = [];
    let last = after;
    let examined = 0;
    for (const { seq, line } of this.memory.linesAfter(after)) {
      if (lines.length >= limit || examined++ >= atMost) break;
      last = seq;
      if (wanted.every(({ written }) => line.includes(written)) && matches(line, wanted))
        lines.push(line);
    }
    return { lines, last };
  }

  /** What a failing write leaves is kept, and is the next to be written: no line is lost, torn or doubled. */
  private writeToFile(): void {
    if (this.file === undefined) return;
    try {
      for (let bytes = this.memory.unfiled(); bytes; bytes = this.memory.unfiled()) {
        this.memory.filed(this.file.write(bytes));
      }
    } catch (error) {
      const broken = new JournalBroken(this.file.path, error);
      this.reportBroken(broken);
      throw broken;
    }
  }
}

interface Wanted {
  readonly name: string;
  readonly value: unknown;
  /** As it stands in a line that has it, and perhaps in others: a line without it need not be parsed. */
  readonly written: Buffer;
}

function wantedOf(filter: object): Wanted[] {
  return Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ({ name, value, written: Buffer.from(JSON.stringify(value)) }));
}

function matches(line: Buffer, wanted: readonly Wanted[]): boolean {
  if (wanted.length === 0) return true;
  const entry = JSON.parse(line.toString()) as Record<string, unknown>;
  return wanted.every(({ name, value }) => entry[name] === value);
}
