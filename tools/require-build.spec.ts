import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

describe('npm run start:prod, migrate and after-restore', () => {
  let clone: string;

  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'tyrian-unbuilt-'));
    for (const name of ['package.json', 'tools/require-build.mjs'])
      cpSync(join(root, name), join(clone, name));
  });

  afterEach(() => {
    rmSync(clone, { recursive: true, force: true });
  });

  it.each(['start:prod', 'migrate', 'after-restore'])(
    '%s says in one sentence that nothing is built',
    (script) => {
      expect(run(script)).toEqual({
        status: 1,
        says: 'Tyrian is not built: npm ci && npm run build\n',
      });
      write('dist/apps/gateway/src/main.js');
      expect(run(script).says).toContain('Tyrian is not built');
      write('node_modules/@nestjs/core/package.json');
      expect(run(script)).toEqual({ status: 0, says: '' });
    },
  );

  function write(path: string): void {
    mkdirSync(join(clone, path, '..'), { recursive: true });
    writeFileSync(join(clone, path), '');
  }

  /** What npm runs first. */
  function run(script: string): { status: number | null; says: string } {
    const { scripts } = JSON.parse(readFileSync(join(clone, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const { status, stderr } = spawnSync('sh', ['-c', scripts[`pre${script}`] ?? 'false'], {
      cwd: clone,
      encoding: 'utf8',
    });
    return { status, says: stderr };
  }
});
