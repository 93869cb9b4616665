import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  sandboxConfig,
  SandboxConfig,
  sandboxConfigFromEnvironment,
  variableFor,
} from './sandbox.config.js';

describe('the configuration', () => {
  it('has defaults for all', () => {
    const { seed, ...rest } = sandboxConfigFromEnvironment({});
    const { seed: _, ...defaults } = new SandboxConfig();
    expect(rest).toEqual(defaults);
    expect(seed).toMatch(/^[0-9a-f]{16}$/);
  });

  it('takes another seed at each start unless one is given', () => {
    expect(sandboxConfig().seed).not.toBe(sandboxConfig().seed);
    expect(sandboxConfigFromEnvironment({ SANDBOX_SEED: 'mine' }).seed).toBe('mine');
  });

  it('reads every kind of value from the environment', () => {
    const config = sandboxConfigFromEnvironment({
      SANDBOX_HOST: '0.0.0.0',
      SANDBOX_PORT: '0',
      SANDBOX_HTTP_STATUS: 'real',
      SANDBOX_JOURNAL_FILE: 'journal.ndjson',
      SANDBOX_JOURNAL_MEMORY_MIB: '64',
      SANDBOX_KEYS: 'A, B,',
      SANDBOX_CALLBACK_RETRY_SECONDS: '0.5,2',
      SANDBOX_LATENCY_MS: '50',
      SANDBOX_CALLBACK_SHAPE: 'form',
    });
    expect(config).toMatchObject({
      host: '0.0.0.0',
      port: 0,
      httpStatus: 'real',
      journalFile: 'journal.ndjson',
      journalMemoryMib: 64,
      keys: ['A', 'B'],
      callbackRetrySeconds: [0.5, 2],
      latencyMs: 50,
      callbackShape: 'form',
    });
  });

  it('takes "none" for no retries at all', () => {
    const config = sandboxConfigFromEnvironment({ SANDBOX_CALLBACK_RETRY_SECONDS: 'none' });
    expect(config.callbackRetrySeconds).toEqual([]);
  });

  it.each([
    ['SANDBOX_PORT', '80a', 'SANDBOX_PORT must be a whole number from 0 to 65535.'],
    ['SANDBOX_PORT', '70000', 'SANDBOX_PORT must be a whole number from 0 to 65535.'],
    ['SANDBOX_LATENCY_MS', '-1', 'SANDBOX_LATENCY_MS must be a whole number from 0 to 600000.'],
    ['SANDBOX_HTTP_STATUS', '201', 'SANDBOX_HTTP_STATUS must be 200 or real.'],
    ['SANDBOX_CALLBACK_SHAPE', 'xml', 'SANDBOX_CALLBACK_SHAPE must be one of json,'],
    ['SANDBOX_CALLBACK_TAKEN_STATUS', '99', 'SANDBOX_CALLBACK_TAKEN_STATUS must be a whole number'],
    ['SANDBOX_CALLBACK_RETRY_SECONDS', '1,x', 'SANDBOX_CALLBACK_RETRY_SECONDS must be numbers'],
  ])('refuses %s=%s in a sentence that names it', (name, value, sentence) => {
    expect(() => sandboxConfigFromEnvironment({ [name]: value })).toThrow(sentence);
  });

  it('refuses a wrong option in the same way', () => {
    expect(() => sandboxConfig({ port: -1 })).toThrow('port must be a whole number');
  });

  it('takes an option that is undefined for one that is not given', () => {
    expect(sandboxConfig({ port: undefined as unknown as number }).port).toBe(8090);
  });
});

describe('docs/sandbox.md', () => {
  it('has a line for each variable', () => {
    const page = readFileSync(new URL('../../../docs/sandbox.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `(SANDBOX_\w+)`/gm)].map(([, name]) => name);
    expect(documented).toEqual(Object.keys(new SandboxConfig()).map(variableFor));
  });
});
