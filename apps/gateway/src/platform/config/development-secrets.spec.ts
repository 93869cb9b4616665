import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDevelopmentSecrets } from './development-secrets.js';
import { loadConfiguration } from './load-configuration.js';

describe('withDevelopmentSecrets', () => {
  let directory: string;
  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'secrets-')), 'nested');
  });
  afterEach(() => rmSync(join(directory, '..'), { recursive: true }));

  it('makes usable secrets once, readable by their owner alone', () => {
    const first = withDevelopmentSecrets({ DATA_DIRECTORY: directory });
    const second = withDevelopmentSecrets({ DATA_DIRECTORY: directory });
    expect(second).toEqual(first);
    const { configuration } = loadConfiguration(first);
    expect(configuration.adminTokens).toHaveLength(1);
    expect(configuration.masterKeys).toHaveLength(1);
    expect(readdirSync(directory).sort()).toEqual(['admin-token', 'master-key']);
    for (const file of ['admin-token', 'master-key']) {
      expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
    }
  });

  it('gives each master key an id of its own, so that a lost one is not taken for the next', () => {
    const { MASTER_KEY: lost } = withDevelopmentSecrets({ DATA_DIRECTORY: directory });
    rmSync(join(directory, 'master-key'));
    const { MASTER_KEY: next } = withDevelopmentSecrets({ DATA_DIRECTORY: directory });
    expect(next?.split(':')[0]).not.toBe(lost?.split(':')[0]);
  });

  it('leaves what an operator chose alone', () => {
    const env = { DATA_DIRECTORY: directory, ADMIN_TOKEN: 'mine', MASTER_KEY_FILE: '/run/key' };
    expect(withDevelopmentSecrets(env)).toEqual(env);
  });

  it('gives production nothing', () => {
    const env = { NODE_ENV: ' production ', DATA_DIRECTORY: directory };
    expect(withDevelopmentSecrets(env)).toBe(env);
  });

  it('names the file when it is empty or the directory cannot be used', () => {
    withDevelopmentSecrets({ DATA_DIRECTORY: directory });
    writeFileSync(join(directory, 'master-key'), '');
    expect(() => withDevelopmentSecrets({ DATA_DIRECTORY: directory })).toThrow(
      /DATA_DIRECTORY: .*master-key is empty/,
    );
    writeFileSync(join(directory, 'master-key'), 'k1:cut');
    expect(() => withDevelopmentSecrets({ DATA_DIRECTORY: directory })).toThrow(
      /DATA_DIRECTORY: .*master-key is damaged\. Restore it/,
    );
    const file = join(directory, 'admin-token');
    writeFileSync(file, 'short');
    expect(() => withDevelopmentSecrets({ DATA_DIRECTORY: directory })).toThrow(
      /DATA_DIRECTORY: .*admin-token is damaged\. Restore it or delete it/,
    );
    expect(() => withDevelopmentSecrets({ DATA_DIRECTORY: file })).toThrow(
      /DATA_DIRECTORY: .* cannot be used \((ENOTDIR|EEXIST)\)/,
    );
  });
});
