import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DatabaseAddress, migrate } from '../../apps/gateway/src/platform/database/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { spawnGateway } from '../support/gateway-process.js';
import { type Ended, runToEnd } from '../support/program.js';
import { startOwnServer } from '../support/own-server.js';

/** Starts a gateway that is expected not to come up; gives its exit code and its words. */
function refusedStart(address: DatabaseAddress): Promise<Ended> {
  return runToEnd('main', { DATABASE_URL: address.url, DATABASE_OWNER_URL: address.ownerUrl });
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
  ])('that has synchronous_commit = off as a setting %s', async (_, subject) => {
    const { name, address } = database;
    await database.query(`${subject(name)} set synchronous_commit = off`);
    const refused = await refusedStart(address);
    await database.query(`${subject(name)} reset synchronous_commit`);
    expect(refused.code).toBe(1);
    expect(refused.output).toContain('synchronous_commit = off');
  });

  it.each(['on', 'local', 'remote_apply'])(
    'and takes one with synchronous_commit = %s',
    async (value) => {
      const { name } = database;
      await database.query(`alter database ${name} set synchronous_commit = ${value}`);
      const gateway = await spawnGateway({ database, providerUrl: 'http://127.0.0.1:9' });
      await database.query(`alter database ${name} reset synchronous_commit`);
      expect(await gateway.end('SIGKILL')).toBe(null);
    },
  );
});
