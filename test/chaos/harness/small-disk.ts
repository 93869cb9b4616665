import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const block = Buffer.alloc(64 * 1024);

/** A disk of a few megabytes in memory, which can be filled up to its last byte. */
export class SmallDisk {
  private constructor(readonly directory: string) {}

  /** null where this user may not mount one. */
  static mount(directory: string, megabytes: number): SmallDisk | null {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    const size = `size=${megabytes}m,mode=0755`;
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', directory]);
    return status === 0 ? new SmallDisk(directory) : null;
  }

  /** Takes all that is free. Gives how many bytes that was. */
  fill(): number {
    const file = openSync(this.filler, 'a');
    let bytes = 0;
    try {
      for (let size = block.length; size >= 1; size = size >> 1) bytes += writeAll(file, size);
    } finally {
      closeSync(file);
    }
    return bytes;
  }

  /** Gives back what `fill` took. */
  free(): void {
    rmSync(this.filler, { force: true });
  }

  unmount(): void {
    spawnSync('umount', ['--lazy', this.directory]);
  }

  private get filler(): string {
    return join(this.directory, 'filler');
  }
}

/** Writes pieces of that size until one does not fit any more. */
function writeAll(file: number, size: number): number {
  let bytes = 0;
  for (;;) {
    try {
      bytes += writeSync(file, block, 0, size);
    } catch (error) {
      if ((error as { code?: string }).code === 'ENOSPC') return bytes;
      throw error;
    }
  }
}
