import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../support/root.js';

/** The headings of every page, in their order; what is to be run stands below them. */
export const pageSteps = ['Look', 'Do', 'Over when'] as const;
export type PageStep = (typeof pageSteps)[number];

/** A page of docs/operations: the commands of its code blocks, step by step. */
export interface RunbookPage {
  readonly text: string;
  readonly blocks: Readonly<Record<PageStep, readonly string[]>>;
}

const fence = '```';

export function readPage(name: string): RunbookPage {
  const text = readFileSync(join(root, 'docs/operations', `${name}.md`), 'utf8');
  const blocks: Record<PageStep, string[]> = { Look: [], Do: [], 'Over when': [] };
  let step: PageStep | null = null;
  let block: string[] | null = null;
  for (const line of text.split('\n')) {
    if (block !== null && line === fence) {
      if (step === null) throw new Error(`${name}.md has commands before its first step`);
      blocks[step].push(block.join('\n'));
      block = null;
    } else if (block !== null) block.push(line);
    else if (line === `${fence}sh`) block = [];
    else if (line.startsWith('## ')) step = stepOf(name, line.slice(3));
  }
  return { text, blocks };
}

function stepOf(name: string, heading: string): PageStep {
  const step = pageSteps.find((known) => known === heading);
  if (step === undefined) throw new Error(`${name}.md has a heading that no page has: ${heading}`);
  return step;
}
