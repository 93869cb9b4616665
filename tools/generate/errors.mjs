import { cell, loadBuilt, notice } from './load.mjs';

export async function errorsPage() {
  // Every error of every feature is defined by loading the modules.
  await loadBuilt('api.module.js');
  await loadBuilt('worker.module.js');
  const { listProblems } = await loadBuilt('platform/errors/index.js');
  const problems = listProblems().toSorted((a, b) => (a.code < b.code ? -1 : 1));
  const rows = problems.map(
    ({ code, status, title, meaning, action }) =>
      `| \`${code}\` | ${status} | ${cell(title)} | ${cell(meaning)} | ${cell(action)} |`,
  );
  return [
    '# Errors',
    '',
    `<!-- ${notice} -->`,
    '',
    'Every error is an `application/problem+json` (RFC 9457). Programs look at `code`, which stays the',
    'same from release to release; `title` and `detail` are for people and may be worded anew.',
    '',
    '| `code` | status | title | meaning | what to do |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
