import {
  loadConfiguration,
  type Configuration,
} from '../../apps/gateway/src/platform/config/index.js';
import { adminToken, masterKey } from './secrets.js';

export { adminToken } from './secrets.js';

/** A configuration as the environment would give it, with short leases. */
export function testConfiguration(variables: Readonly<Record<string, string>> = {}): Configuration {
  const { configuration } = loadConfiguration(
    {
      NODE_ENV: 'test',
      HOST: '127.0.0.1',
      ADMIN_TOKEN: adminToken,
      MASTER_KEY: masterKey,
      LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
      PROVIDER_TIMEOUT_MS: '1000',
      LEASE_MS: '3000',
      GRACE_MS: '5000',
      ...variables,
    },
    () => {
      throw new Error('a test names no secret file');
    },
  );
  return configuration;
}
