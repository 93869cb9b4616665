import { closeSync, openSync, writeSync } from 'node:fs';

/** A file that the journal is appended to, readable for its owner alone. */
export class JournalFile {
  private readonly descriptor: number;

  constructor(readonly path: string) {
    this.descriptor = openSync(path, 'a', 0o600);
  }

  /**
   * Into the page cache: it survives the death of this process, which is all that is promised.
   * @returns how many of the bytes were written; a disk that fills up takes some of them.
   */
  write(bytes: Buffer): number {
    return writeSync(this.descriptor, bytes);
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
