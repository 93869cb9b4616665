import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from '../../support/root.js';
import { runbooks } from './index.js';
import { pageSteps, readPage } from './runbook-page.js';
import { Shell } from './shell.js';

const folder = join(root, 'docs/operations');
const pages = readdirSync(folder)
  .filter((file) => file !== 'README.md')
  .map((file) => file.replace('.md', ''));
const index = readFileSync(join(folder, 'README.md'), 'utf8');

describe('the runbook', () => {
  it.each(pages)('%s is a screen, with commands for every step that a shell can read', (name) => {
    const { text, blocks } = readPage(name);
    expect(text.split('\n').length).toBeLessThanOrEqual(60);
    expect(text).toMatch(/\*\*Seen:\*\* .*\n[^]*\*\*Means:\*\* /);
    expect(index).toContain(`(${name}.md)`);
    for (const step of ['Look', 'Over when'] as const) expect(blocks[step]).not.toEqual([]);
    for (const step of pageSteps)
      for (const block of blocks[step])
        execFileSync('bash', ['-n', '-c', block], { stdio: 'pipe' });
  });

  it('of every metric that a page names is one that the gateway has', () => {
    const sources = [
      'admin/system-metrics',
      'lanes/lane-metrics',
      'platform/database/database-metrics',
      'platform/metrics/http-metrics',
    ].map((file) => readFileSync(join(root, `apps/gateway/src/${file}.ts`), 'utf8'));
    const named = pages.flatMap((name) => [
      ...readPage(name).text.matchAll(/tyrian_(?!worker|tenant|operator|ingest|owner)[a-z_]+/g),
    ]);
    const unknown = named
      .map(([metric]) => metric.replace(/_count$/, ''))
      .filter((metric) => !sources.some((source) => source.includes(`'${metric}'`)));
    expect(unknown).toEqual([]);
  });

  it.each(runbooks.map(({ name }) => name))('%s of the runs has its page', (name) => {
    expect(pages).toContain(name.replace('runbook-', ''));
    expect(index).toMatch(new RegExp(`\\(${name.replace('runbook-', '')}\\.md\\).*✓`));
  });
});

describe('the shell of a page', () => {
  it('keeps what a block found for the next one, and tells where one fails', async () => {
    const shell = new Shell({ GIVEN: 'b' });
    try {
      expect(await shell.run(`FOUND="a$GIVEN c"`)).toMatchObject({ code: 0 });
      expect(await shell.run('echo "$FOUND"')).toEqual({ code: 0, output: 'ab c\n' });
      expect((await shell.run('false | true\necho on')).code).not.toBe(0);
      expect((await shell.run('echo "$NOWHERE"')).code).not.toBe(0);
    } finally {
      shell.close();
    }
  });
});
