import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fateOf, fates, ordinaryFate, recipientFor } from './fates.js';

describe('the table of fates', () => {
  it('gives each fate a name and a code of its own', () => {
    expect(new Set(fates.map(({ name }) => name)).size).toBe(fates.length);
    expect(new Set(fates.map(({ code }) => code)).size).toBe(fates.length);
    for (const { code } of fates) expect(code).toMatch(/^\d\d$/);
  });

  it('has a recipient for each fate and number, and the fate for each recipient', () => {
    for (const { name } of fates) {
      for (const n of [0, 1, 9_999_999]) {
        expect(recipientFor(name, n)).toMatch(/^999\d{9}$/);
        expect(fateOf(recipientFor(name, n)).name).toBe(name);
      }
    }
  });

  it('tells ten million recipients of one fate apart', () => {
    expect(recipientFor('undelivered', 42)).toBe('999010000042');
    expect(() => recipientFor('undelivered', 10_000_000)).toThrow('0 to 9,999,999');
  });

  it('knows no fate that is not in it', () => {
    expect(() => recipientFor('lucky')).toThrow('no fate called lucky');
  });

  it('has every other number delivered', () => {
    for (const recipient of ['380501112233', '99901000004', '9990100000421', '999990000000', '']) {
      expect(fateOf(recipient)).toBe(ordinaryFate);
    }
    expect(ordinaryFate.name).toBe('delivered');
  });

  it('lets every life go forward in time', () => {
    for (const { life, callbacks = [] } of fates) {
      for (const steps of [life, callbacks]) {
        const times = steps.map(({ after }) => after).filter((after) => typeof after === 'number');
        expect(times).toEqual([...times].sort((one, other) => one - other));
      }
    }
  });
});

describe('docs/sandbox.md', () => {
  it('has a line for each fate, with its recipients and description', () => {
    const page = readFileSync(new URL('../../../docs/sandbox.md', import.meta.url), 'utf8');
    const documented = page.match(/^\| `999\d\d.*$/gm);
    expect(documented).toEqual(
      fates.map(
        ({ code, name, description }) => `| \`999${code}nnnnnnn\` | \`${name}\` | ${description} |`,
      ),
    );
  });
});
