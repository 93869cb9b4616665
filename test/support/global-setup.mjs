import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeMemoryFolder } from '../../tools/support/memory-folder.mjs';
import { startMigratedDatabase } from '../../tools/support/migrated-database.mjs';

const TEMPLATE = 'tyrian_template';

/**
 * Starts one PostgreSQL for the run, with one migrated database that each test file clones.
 *
 * TYRIAN_TEST_PG_URL        the superuser, for the harness alone
 * TYRIAN_TEST_OWNER_URL     tyrian_owner, on the template
 * TYRIAN_TEST_LOGIN_URL     tyrian, on the template
 * TYRIAN_TEST_TEMPLATE      the template's name
 * TYRIAN_TEST_SCRATCH       a folder for what a worker keeps until the end of the run
 */
export default async function globalSetup() {
  const database = await startMigratedDatabase({
    database: TEMPLATE,
    directory: makeMemoryFolder(),
    settings: {
      // Several gateways with their pools in each of the workers.
      max_connections: '300',
      // The log of writes lies in memory as well.
      min_wal_size: '128MB',
      max_wal_size: '256MB',
    },
  });
  const scratch = mkdtempSync(join(tmpdir(), 'tyrian-scratch-'));
  globalThis.stopTestPostgres = async () => {
    rmSync(scratch, { recursive: true, force: true });
    await database.stop();
  };
  Object.assign(process.env, {
    TYRIAN_TEST_PG_URL: database.superuserUrl,
    TYRIAN_TEST_OWNER_URL: database.ownerUrl,
    TYRIAN_TEST_LOGIN_URL: database.loginUrl,
    TYRIAN_TEST_TEMPLATE: TEMPLATE,
    TYRIAN_TEST_SCRATCH: scratch,
  });
}
