import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

const inMemory = '/dev/shm';
const roomBytes = 3 * 1024 ** 3;

/**
 * A new folder for what is thrown away at the end: in memory where the machine has room for it, else on its disk. A database has
 * more than a thousand files; on a disk, to copy them for each test took a fifth of the time of all tests.
 */
export function makeMemoryFolder() {
  const parent = hasRoom() ? inMemory : tmpdir();
  if (parent === inMemory) removeThoseOfTheDead();
  // Whose it is stands in its name.
  return mkdtempSync(join(parent, `tyrian-${process.pid}-`));
}

function hasRoom() {
  try {
    const { bavail, bsize } = statfsSync(inMemory);
    return bavail * bsize >= roomBytes && freemem() >= roomBytes;
  } catch {
    return false;
  }
}

/**
 * A run that was killed could not take its own away, and memory is not to be lost until the next start of the machine. Who has
 * such a folder has /proc.
 */
export function removeThoseOfTheDead(parent = inMemory) {
  for (const name of readdirSync(parent)) {
    const pid = /^tyrian-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
}
