import { startMigratedDatabase } from '../../tools/support/migrated-database.mjs';

const TEMPLATE = 'tyrian_template';

/**
 * Starts one PostgreSQL for the run, with one migrated database that each test file clones.
 *
 * TYRIAN_TEST_PG_URL        the superuser, for the harness alone
 * TYRIAN_TEST_OWNER_URL     tyrian_owner, on the template
 * TYRIAN_TEST_LOGIN_URL     tyrian, on the template
 * TYRIAN_TEST_TEMPLATE      the template's name
 */
export default async function globalSetup() {
  const database = await startMigratedDatabase({
    database: TEMPLATE,
    // Several gateways with their pools in each of the workers.
    settings: { max_connections: '300' },
  });
  globalThis.stopTestPostgres = () => database.stop();
  Object.assign(process.env, {
    TYRIAN_TEST_PG_URL: database.superuserUrl,
    TYRIAN_TEST_OWNER_URL: database.ownerUrl,
    TYRIAN_TEST_LOGIN_URL: database.loginUrl,
    TYRIAN_TEST_TEMPLATE: TEMPLATE,
  });
}
