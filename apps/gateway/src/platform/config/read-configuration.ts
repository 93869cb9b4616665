import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigurationError } from './configuration.js';
import { withDevelopmentSecrets } from './development-secrets.js';
import { loadConfiguration, type LoadedConfiguration } from './load-configuration.js';
import type { EnvironmentVariables } from './variable-reader.js';

let loaded: LoadedConfiguration | null = null;

/**
 * The configuration of this process: the environment, then `.env` in the working directory (not
 * under NODE_ENV=test), then the secrets made for development. Read at the first call, kept after.
 *
 * @throws ConfigurationError
 */
export function readConfiguration(): LoadedConfiguration {
  loaded ??= loadConfiguration(withDevelopmentSecrets(readEnvironment()), (path) =>
    readFileSync(path, 'utf8'),
  );
  return loaded;
}

// The one place where the gateway looks at process.env.
function readEnvironment(): EnvironmentVariables {
  if (process.env['NODE_ENV'] === 'test') return { ...process.env };
  try {
    return { ...parseEnv(readFileSync('.env', 'utf8')), ...process.env };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { ...process.env };
    throw new ConfigurationError([`.env in the working directory cannot be read (${code})`]);
  }
}
