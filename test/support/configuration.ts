import {
  loadConfiguration,
  type Configuration,
} from '../../apps/gateway/src/platform/config/index.js';

export const adminToken = 'test-admin-token-0123456789abcdef0123456789';
const masterKey = `k1:${Buffer.alloc(32, 7).toString('base64')}`;

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
