import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Stands for the build: what it has seen stands in dist. */
const fakePrepare = `
import { cpSync } from 'node:fs';
cpSync('apps/rules.mjs', 'dist/rules.mjs');
`;

/** The compiler checks JavaScript as well. */
const typesConfig = JSON.stringify({
  compilerOptions: { checkJs: true, allowJs: true, noEmit: true, types: [], lib: ['es2023'] },
  include: ['../rules.mjs'],
});

const rules = `
export function first() {
  return 1;
}

export function second() {
  return 2;
}
`;

const spec = `
import { expect, it } from '@jest/globals';
import { first, second } from './rules.mjs';

it('DISPATCH 1: the first', () => expect(first()).toBe(1));
it('the second, of no rule', () => expect(second()).toBe(2));
`;

interface Planted {
  readonly test?: string;
  readonly bug?: string;
  readonly built?: string;
  readonly spec?: string;
  readonly from?: string;
  readonly to: string;
}

describe('npm run mutants', () => {
  let clone: string;

  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'tyrian-planted-'));
    for (const part of ['tools/mutants.mjs', 'tools/mutants'])
      cpSync(join(root, part), join(clone, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'));
    write('tools/prepare.mjs', fakePrepare);
    write('jest.config.mjs', `export default { testMatch: ['**/*.spec.mjs'], transform: {} };`);
    write('apps/gateway/tsconfig.app.json', typesConfig);
    write('docs/guarantees.md', '| 1 | Something is wrong. |');
    write('apps/rules.mjs', rules);
    write('apps/rules.spec.mjs', spec);
  });

  afterEach(() => {
    rmSync(clone, { recursive: true, force: true });
  });

  it('tells a test that noticed from one that did not, and both from what is no mutant at all', () => {
    plant('01-noticed', { to: 'return 10;' });
    plant('01-not-noticed', { to: 'return 1 + 0;' });
    plant('01-not-compiled', { to: 'return one;' });
    plant('01-not-loaded', {
      to: 'return 1; }\nthrow new Error("too early");\nfunction spare() {',
    });
    plant('01-not-applied', { from: '  return 0;', to: 'return 10;' });
    plant('01-of-no-rule', {
      test: 'the second, of no rule',
      from: '  return 2;',
      to: 'return 3;',
    });
    const { status, verdicts } = run('1');
    expect(verdicts).toEqual({
      '01-noticed': ['killed', expect.stringContaining('Received: 10')],
      '01-not-noticed': ['SURVIVED', 'its test is green'],
      '01-not-compiled': ['broken', "does not compile: Cannot find name 'one'."],
      '01-not-loaded': ['broken', expect.stringMatching(/^crashed before its test: .*too early/)],
      '01-not-applied': ['broken', expect.stringMatching(/^does not apply: /)],
      '01-of-no-rule': ['broken', expect.stringMatching(/^its test does not name the rule/)],
    });
    expect(status).toBe(1);
    // What was planted was pulled out again, and never stood in the checkout.
    expect(readFileSync(join(clone, 'apps/rules.mjs'), 'utf8')).toBe(rules);
  });

  it('builds for a test of what stands in dist, and builds anew behind it', () => {
    write('apps/rules.spec.mjs', spec.replace('./rules.mjs', '../dist/rules.mjs'));
    plant('01-built', { built: 'yes', to: 'return 10;' });
    plant('01-not-built', { to: 'return 10;' });
    const { verdicts } = run('1');
    expect(verdicts).toEqual({
      '01-built': ['killed', expect.anything()],
      '01-not-built': ['SURVIVED', 'its test is green'],
    });
  });

  it('is content where every mutant was noticed, and writes its report', () => {
    plant('01-noticed', { to: 'return 10;' });
    plant('02-of-another-rule', { to: 'return 1 + 0;' });
    expect(run('01').status).toBe(0);
    const [report] = readdirSync(join(clone, '.data', 'mutants'));
    const { mutants } = JSON.parse(
      readFileSync(join(clone, '.data', 'mutants', report as string), 'utf8'),
    ) as { mutants: { name: string; verdict: string }[] };
    expect(mutants).toMatchObject([{ name: '01-noticed', verdict: 'killed' }]);
  });

  it('believes no test that is red without a mutant', () => {
    plant('01-noticed', { to: 'return 10;' });
    write('apps/rules.mjs', rules.replace('return 1;', 'return 10;'));
    const { status, verdicts } = run('1');
    expect(status).toBe(1);
    expect(verdicts).toEqual({
      '01-noticed': ['broken', 'apps/rules.spec.mjs fails, or finds no test, without it'],
    });
  });

  it('takes a mutant for broken with which nothing is sent at all', () => {
    write('test/rules.spec.mjs', spec.replace('./rules.mjs', '../apps/rules.mjs'));
    write(
      'test/mutants/control.spec.ts',
      `test('a message is accepted, sent and delivered', () => { throw new Error('no way'); });`,
    );
    write('jest.config.mjs', `export default { testMatch: ['**/*.spec.*'], transform: {} };`);
    plant('01-noticed', { spec: 'test/rules.spec.mjs', to: 'return 10;' });
    expect(run('1').verdicts).toEqual({ '01-noticed': ['broken', 'nothing is sent any more'] });
  });

  it('--check names what would keep a bug from being planted or noticed', () => {
    plant('01-noticed', { to: 'return 10;' });
    plant('02-moved', { from: '  return 0;', to: 'return 10;' });
    plant('03-test-is-gone', { test: 'the third', to: 'return 10;' });
    plant('05-untold', { bug: 'Nobody was told.', to: 'return 10;' });
    write('test/mutants/04-bare.patch', '--- a/apps/rules.mjs\n');
    const { status, says } = run('--check');
    expect(status).toBe(1);
    expect(says).toContain('04-bare.patch is no NN-name.patch');
    expect(says).toContain('02-moved does not apply any more: ');
    expect(says).toContain('03-test-is-gone names a test that is not there: apps/rules.spec.mjs: ');
    expect(says).toContain('docs/guarantees.md does not tell of 05-untold');
    expect(says).not.toContain('does not tell of 01');
    expect(says).toContain('rule 22 has no mutant');
    expect(says).not.toContain('rule 1 ');
    expect(says).not.toContain('rule 20 ');
  });

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(clone, path)), { recursive: true });
    writeFileSync(join(clone, path), text);
  }

  function plant(
    name: string,
    { test = 'DISPATCH 1: the first', from = '  return 1;', to, ...of }: Planted,
  ): void {
    const head = [
      `# Rule: ${Number(name.slice(0, 2))}`,
      `# Bug: ${of.bug ?? 'Something is wrong.'}`,
      `# Spec: ${of.spec ?? 'apps/rules.spec.mjs'}`,
      `# Test: ${test}`,
      ...(of.built ? [`# Built: ${of.built}`] : []),
    ];
    const lines = rules.split('\n');
    const at = lines.indexOf(from);
    const added = to.split('\n');
    const hunk = [
      '--- a/apps/rules.mjs',
      '+++ b/apps/rules.mjs',
      `@@ -${at},3 +${at},${added.length + 2} @@`,
      ` ${lines[at - 1]}`,
      `-${from}`,
      ...added.map((line) => `+${line}`),
      ` ${lines[at + 1]}`,
    ];
    write(`test/mutants/${name}.patch`, `${[...head, ...hunk].join('\n')}\n`);
  }

  function run(argument: string): {
    status: number | null;
    says: string;
    verdicts: Record<string, [string, string]>;
  } {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['tools/mutants.mjs', argument],
      { cwd: clone, encoding: 'utf8' },
    );
    const lines = [...stdout.matchAll(/^(killed|SURVIVED|broken) +(\S+) \(\d+ s\) +(.*)$/gm)];
    const verdicts = Object.fromEntries(
      lines.map(([, verdict, name, why]) => [name, [verdict, why]]),
    ) as Record<string, [string, string]>;
    return { status, says: stderr, verdicts };
  }
});
