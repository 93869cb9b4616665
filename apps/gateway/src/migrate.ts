import { ConfigurationError, readConfiguration } from './platform/config/index.js';
import { migrate } from './platform/database/index.js';
import { EmbeddedPostgresError } from './platform/embedded/index.js';
import { startDatabase } from './start-database.js';

/** `npm run migrate`: the migrations alone, for a job that runs before the gateways start. */
async function run(): Promise<void> {
  const { configuration } = readConfiguration();
  const { address, embedded } = await startDatabase(configuration);
  try {
    const { applied } = await migrate(address.ownerUrl, address.url);
    process.stdout.write(
      applied.length === 0 ? 'The schema is up to date.\n' : `Applied: ${applied.join(', ')}\n`,
    );
  } finally {
    await embedded?.stop();
  }
}

run().catch((error: unknown) => {
  const isExpected = error instanceof ConfigurationError || error instanceof EmbeddedPostgresError;
  process.stderr.write(`${isExpected ? error.message : String((error as Error).stack ?? error)}\n`);
  process.exitCode = 1;
});
