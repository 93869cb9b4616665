import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

interface MemoryFolders {
  removeThoseOfTheDead(parent: string): void;
}

const script = new URL('./memory-folder.mjs', import.meta.url).href;
const { removeThoseOfTheDead } = (await import(script)) as MemoryFolders;

it('takes away the folders of runs that are dead, and no others', () => {
  const parent = mkdtempSync(join(tmpdir(), 'tyrian-'));
  const { pid } = spawnSync(process.execPath, ['--version']);
  const living = `tyrian-${process.pid}-a`;
  try {
    for (const name of [`tyrian-${pid}-a`, living, 'tyrian-without', 'PostgreSQL.1'])
      mkdirSync(join(parent, name, 'postgres'), { recursive: true });
    removeThoseOfTheDead(parent);
    expect(readdirSync(parent).toSorted()).toEqual(
      ['PostgreSQL.1', living, 'tyrian-without'].toSorted(),
    );
  } finally {
    rmSync(parent, { recursive: true });
  }
});
