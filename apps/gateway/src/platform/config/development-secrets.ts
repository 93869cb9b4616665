import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigurationError } from './configuration.js';
import type { EnvironmentVariables } from './variable-reader.js';

const madeOnce = [
  {
    variable: 'ADMIN_TOKEN',
    file: 'admin-token',
    make: () => randomBytes(32).toString('hex'),
    form: /^[\x21-\x7e]{32,}$/,
    remedy: 'Restore it or delete it',
  },
  {
    variable: 'MASTER_KEY',
    file: 'master-key',
    // An id of its own: a key that was lost is then named, and not taken for the one made after it.
    make: () => `dev-${randomBytes(4).toString('hex')}:${randomBytes(32).toString('base64')}`,
    form: /^[\w-]{1,32}:[A-Za-z0-9+/]{43}=$/,
    remedy: 'Restore it: what it sealed cannot be opened without it',
  },
] as const;

/**
 * Adds the secrets that a first start needs and nobody has chosen: each is made once and kept in
 * the data directory with mode 0600. Production gets nothing: there an operator must choose.
 *
 * @throws ConfigurationError when the directory cannot be used.
 */
export function withDevelopmentSecrets(env: EnvironmentVariables): EnvironmentVariables {
  if (env['NODE_ENV']?.trim() === 'production') return env;
  const directory = env['DATA_DIRECTORY']?.trim() || '.data';
  const added: Record<string, string> = {};
  for (const { variable, file, make, form, remedy } of madeOnce) {
    if (env[variable]?.trim() || env[`${variable}_FILE`]?.trim()) continue;
    const path = join(directory, file);
    try {
      added[variable] = readOrMake(path, make);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
      throw new ConfigurationError([`DATA_DIRECTORY: ${path} cannot be used (${code})`]);
    }
    const problem = added[variable] === '' ? 'is empty' : 'is damaged';
    if (!form.test(added[variable])) {
      throw new ConfigurationError([`DATA_DIRECTORY: ${path} ${problem}. ${remedy}`]);
    }
  }
  return { ...env, ...added };
}

function readOrMake(path: string, make: () => string): string {
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path)) {
    // Written aside and linked: of two processes that start at once one wins, and neither ever
    // reads a file that is still being written.
    const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
    writeFileSync(draft, `${make()}\n`, { flag: 'wx', mode: 0o600 });
    try {
      linkSync(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      unlinkSync(draft);
    }
  }
  return readFileSync(path, 'utf8').trim();
}
