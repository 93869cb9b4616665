import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const prepare = fileURLToPath(new URL('prepare.mjs', import.meta.url));

/** Stands for npm: notes each call, and does what `behave` says. */
const fakeNpm = `
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
const [command] = process.argv.slice(2);
appendFileSync('npm-calls', command + '\\n');
if (existsSync('npm-fails')) {
  const level = process.argv.find((argument) => argument.startsWith('--loglevel='))?.slice(11);
  const isSilent = (level ?? process.env.npm_config_loglevel) === 'silent';
  // What a script says is not npm's own to keep back.
  if (command === 'run' || !isSilent) console.error(readFileSync('npm-fails', 'utf8'));
  process.exit(1);
}
if (command === 'ci') {
  for (const name of ['typescript', '@nestjs/cli']) {
    mkdirSync('node_modules/' + name, { recursive: true });
  }
  writeFileSync('node_modules/.package-lock.json', '{}');
}
if (command === 'run') {
  mkdirSync('dist', { recursive: true });
  writeFileSync('dist/main.js', readFileSync('apps/main.ts'));
}
`;

describe('npm start, before it starts', () => {
  let clone: string;

  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'tyrian-clone-'));
    for (const folder of ['apps', 'libs', 'tools']) mkdirSync(join(clone, folder));
    cpSync(prepare, join(clone, 'tools', 'prepare.mjs'));
    for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'nest-cli.json']) {
      write(name, '{}');
    }
    write('apps/main.ts', 'first');
    write('npm.mjs', fakeNpm);
    // Node takes a file without an extension of its own for CommonJS, so the name ends in .js.
    write('npm.js', "import('./npm.mjs');");
  });

  afterEach(() => {
    rmSync(clone, { recursive: true, force: true });
  });

  it('installs and builds a bare clone, and has nothing to do the second time', () => {
    expect(run()).toEqual({ status: 0, says: 'Installing packages (npm ci) …\nBuilding …\n' });
    expect(npmCalls()).toEqual(['ci', 'run']);
    expect(run()).toEqual({ status: 0, says: '' });
    expect(npmCalls()).toEqual(['ci', 'run']);
  });

  it('installs again when the lock file is newer than the packages', () => {
    run();
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(clone, 'package-lock.json'), later, later);
    run();
    expect(npmCalls()).toEqual(['ci', 'run', 'ci']);
  });

  it.each([
    ['changed', () => write('apps/main.ts', 'second')],
    ['added', () => write('apps/new.sql', 'select 1')],
    ['removed', () => rmSync(join(clone, 'libs', 'gone.ts'))],
  ])('builds from scratch when a source was %s', (_what, change) => {
    write('libs/gone.ts', '');
    run();
    write('dist/stale.js', 'of a source that is gone');
    change();
    expect(run()).toEqual({ status: 0, says: 'Building …\n' });
    expect(existsSync(join(clone, 'dist', 'stale.js'))).toBe(false);
    expect(run().says).toBe('');
  });

  it('does not build for a test or for a file that was only touched', () => {
    run();
    write('apps/main.spec.ts', 'a test');
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(clone, 'apps', 'main.ts'), later, later);
    expect(run()).toEqual({ status: 0, says: '' });
  });

  it.each([
    [
      'there is no network',
      'npm error code EAI_AGAIN',
      /could not be downloaded \(EAI_AGAIN\): connect/,
    ],
    [
      'a folder is closed to it',
      'npm error code EACCES',
      /may not write its files \(EACCES\): give/,
    ],
    ['the disk is full', 'npm error code ENOSPC', /^No space is left on the disk/m],
  ])('says in one sentence that %s', (_what, complaint, sentence) => {
    write('npm-fails', complaint);
    const { status, says } = run();
    expect(status).toBe(1);
    expect(says).toMatch(sentence);
    expect(says.trimEnd().split('\n')).toHaveLength(2);
  });

  it('hears why the installation failed under npm test --silent, too', () => {
    write('npm-fails', 'npm error code EAI_AGAIN');
    expect(run({ npm_config_loglevel: 'silent' }).says).toMatch(/EAI_AGAIN/);
  });

  it('does not empty packages that are only linked to', () => {
    run();
    renameSync(join(clone, 'node_modules'), join(clone, 'shared'));
    symlinkSync('shared', join(clone, 'node_modules'));
    const later = new Date(Date.now() + 60_000);
    utimesSync(join(clone, 'package-lock.json'), later, later);
    expect(run()).toMatchObject({ status: 1, says: expect.stringContaining('is a link') });
    expect(npmCalls()).toEqual(['ci', 'run']);
  });

  it('names the compiler that is missing', () => {
    run();
    rmSync(join(clone, 'node_modules', 'typescript'), { recursive: true });
    write('apps/main.ts', 'second');
    expect(run()).toEqual({
      status: 1,
      says: 'The compiler is missing (typescript): run npm ci --include=dev, then start again.\n',
    });
  });

  it('builds again after a build that failed', () => {
    run();
    write('apps/main.ts', 'second');
    write('npm-fails', 'apps/main.ts(1,1): error TS1005');
    expect(run()).toMatchObject({ status: 1, says: expect.stringContaining('error TS1005') });
    rmSync(join(clone, 'npm-fails'));
    expect(run()).toEqual({ status: 0, says: 'Building …\n' });
    expect(readFileSync(join(clone, 'dist', 'main.js'), 'utf8')).toBe('second');
  });

  function write(name: string, text: string): void {
    writeFileSync(join(clone, name), text);
  }

  function run(env: Record<string, string> = {}): { status: number | null; says: string } {
    const { status, stderr } = spawnSync(process.execPath, ['tools/prepare.mjs'], {
      cwd: clone,
      encoding: 'utf8',
      env: { ...process.env, npm_execpath: join(clone, 'npm.js'), ...env },
    });
    return { status, says: stderr };
  }

  function npmCalls(): string[] {
    return readFileSync(join(clone, 'npm-calls'), 'utf8').trim().split('\n');
  }
});
