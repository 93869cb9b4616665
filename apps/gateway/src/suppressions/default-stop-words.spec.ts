import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { defaultStopWords } from './default-stop-words.js';

const page = readFileSync(new URL('../../../../docs/two-way.md', import.meta.url), 'utf8');

describe('the default stop words', () => {
  it('stand in docs/two-way.md as they are', () => {
    for (const words of Object.values(defaultStopWords))
      expect(page).toContain(`| ${words.join(', ')} |`);
  });
});
