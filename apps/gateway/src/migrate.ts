import { readConfiguration } from './platform/config/index.js';
import { examineServer, migrate } from './platform/database/index.js';
import { startDatabase } from './start-database.js';
import { endBecauseOf } from './start-failure.js';

/** `npm run migrate`: the migrations alone, for a job that runs before the gateways start. */
async function run(): Promise<void> {
  const { configuration, warnings } = readConfiguration();
  for (const warning of warnings) say(warning);
  const { address, embedded } = await startDatabase(configuration);
  try {
    for (const warning of await examineServer(address.url)) say(warning);
    const { applied } = await migrate(address.ownerUrl, address.url, {
      onWait: () => say('Waiting for another migration of this database to end …'),
    });
    process.stdout.write(
      applied.length === 0 ? 'The schema is up to date.\n' : `Applied: ${applied.join(', ')}\n`,
    );
  } finally {
    await embedded?.stop();
  }
}

/** Beside the result, which goes to the standard output. */
function say(sentence: string): void {
  process.stderr.write(`${sentence}\n`);
}

run().catch(endBecauseOf);
