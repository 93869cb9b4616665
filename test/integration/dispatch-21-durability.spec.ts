import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type DatabaseAddress, migrate } from '../../apps/gateway/src/platform/database/index.js';
import { adminToken } from '../support/configuration.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { freePort } from '../support/gateway.js';
import { spawnGateway } from '../support/gateway-process.js';
import { startOwnServer } from '../support/own-server.js';

const script = fileURLToPath(new URL('../../dist/apps/gateway/src/main.js', import.meta.url));

/** Starts a gateway that is expected not to come up; gives its exit code and its words. */
async function refusedStart(
  address: DatabaseAddress,
): Promise<{ code: number | null; output: string }> {
  const port = await freePort();
  const child = spawn(process.execPath, [script], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: address.url,
      DATABASE_OWNER_URL: address.ownerUrl,
      VIBER_BASE_URL: 'http://127.0.0.1:9',
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      ADMIN_TOKEN: adminToken,
      MASTER_KEY: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  return { code, output };
}

describe('DISPATCH 21: start-up refuses a server that may forget', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(async () => {
    await database?.drop();
  });

  it('that runs with fsync = off: exit 1, with one sentence that names it', async () => {
    const careless = await startOwnServer({ fsync: 'off' });
    try {
      const address = await careless.emptyDatabase('careless');
      await migrate(address.ownerUrl, address.url);
      const refused = await refusedStart(address);
      expect(refused.code).toBe(1);
      expect(refused.output).toContain('fsync = off');
      expect(refused.output).not.toContain('"ready"');
      expect(refused.output).not.toMatch(/\n\s+at /);
    } finally {
      await careless.stop();
    }
  }, 60_000);

  it.each([
    ['of the database', (name: string) => `alter database ${name}`],
    ['of the login', (name: string) => `alter role tyrian in database ${name}`],
  ])(
    'that has synchronous_commit = off as a setting %s',
    async (_, subject) => {
      const { name, address } = database;
      await database.query(`${subject(name)} set synchronous_commit = off`);
      const refused = await refusedStart(address);
      await database.query(`${subject(name)} reset synchronous_commit`);
      expect(refused.code).toBe(1);
      expect(refused.output).toContain('synchronous_commit = off');
    },
    30_000,
  );

  it.each(['on', 'local', 'remote_apply'])(
    'and takes one with synchronous_commit = %s',
    async (value) => {
      const { name } = database;
      await database.query(`alter database ${name} set synchronous_commit = ${value}`);
      const gateway = await spawnGateway({ database, providerUrl: 'http://127.0.0.1:9' });
      await database.query(`alter database ${name} reset synchronous_commit`);
      expect(await gateway.end('SIGKILL')).toBe(null);
    },
    30_000,
  );
});
