import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';

/** Reads a file of JSON lines one by one. A last line without its end was being written when its writer was killed. */
export async function* readNdjson<T>(file: string): AsyncGenerator<T> {
  let rest = '';
  for await (const chunk of createReadStream(file, {
    encoding: 'utf8',
    highWaterMark: 256 * 1024,
  })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line) as T;
  }
}

/** A file of JSON lines that is written before its writer goes on. */
export class NdjsonLog<T> {
  private file: number | null;

  constructor(readonly path: string) {
    this.file = openSync(path, 'a', 0o600);
  }

  append(entry: T): void {
    this.write(`${JSON.stringify(entry)}\n`);
  }

  /** Lines that are JSON already. */
  write(lines: string): void {
    if (this.file !== null) writeSync(this.file, lines);
  }

  close(): void {
    if (this.file !== null) closeSync(this.file);
    this.file = null;
  }
}
