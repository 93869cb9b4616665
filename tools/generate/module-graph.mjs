import { cruise } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { notice } from './load.mjs';

const source = 'apps/gateway/src/';

/** Which feature of the gateway imports which; platform, which all of them use, is left out. */
export async function moduleGraph() {
  const options = await extractOptions('./.dependency-cruiser.mjs');
  const { output } = await cruise(['apps/gateway/src'], options, undefined, {
    tsConfig: extractTsConfig('tsconfig.json'),
  });
  const arrows = new Set();
  const parts = new Set();
  for (const { source: file, dependencies } of output.modules) {
    const from = partOf(file);
    if (from === null || file.endsWith('.spec.ts')) continue;
    parts.add(from);
    for (const { resolved } of dependencies) {
      const to = partOf(resolved);
      if (to !== null && to !== from) arrows.add(`  ${from} --> ${to}`);
    }
  }
  return [
    '# Module graph',
    '',
    `<!-- ${notice} -->`,
    '',
    'An arrow means "imports". Everything may use `platform`, which is not drawn; the rules behind the',
    'picture stand in `.dependency-cruiser.mjs`.',
    '',
    '```mermaid',
    'flowchart TD',
    ...[...parts].toSorted(byName).map((part) => `  ${part}`),
    ...[...arrows].toSorted(byName),
    '```',
    '',
  ].join('\n');
}

function partOf(file) {
  if (file.startsWith('libs/')) return file.split('/')[1];
  if (!file.startsWith(source)) return null;
  const [part, ...rest] = file.slice(source.length).split('/');
  if (part === 'platform') return null;
  return rest.length === 0 ? part.replace(/\.ts$/, '') : part;
}

function byName(a, b) {
  return a < b ? -1 : 1;
}
