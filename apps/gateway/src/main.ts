import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { GatewayModule } from './gateway.module.js';
import {
  ConfigurationError,
  describeConfiguration,
  readConfiguration,
  type Configuration,
} from './platform/config/index.js';
import { SealedSecrets } from './accounts/index.js';
import { MasterKeyMissing } from './platform/crypto/index.js';
import { DatabaseHealth, migrate, NotDurable, SchemaTooOld } from './platform/database/index.js';
import { EmbeddedPostgresError } from './platform/embedded/index.js';
import { createHttpApp } from './platform/http/index.js';
import { Drain, stopOnSignal } from './platform/lifecycle/index.js';
import { Log } from './platform/logging/index.js';
import { mountOpenApi } from './openapi.js';
import { startDatabase } from './start-database.js';

/** Errors that one sentence explains; their stack would only hide it. */
const explained = [
  ConfigurationError,
  EmbeddedPostgresError,
  MasterKeyMissing,
  NotDurable,
  SchemaTooOld,
];

async function start(): Promise<void> {
  const { configuration, warnings } = readConfiguration();
  const { address, embedded } = await startDatabase(configuration);
  try {
    if (configuration.database.migrateOnStart) await migrate(address.ownerUrl, address.url);
    const module = GatewayModule.forRoot({ address, roles: configuration.roles });
    const app = await createHttpApp(module, configuration);
    const log = app.get(Log);
    for (const warning of warnings) log.warn(warning);
    log.info(
      { configuration: describeConfiguration(configuration) },
      'the configuration in effect',
    );
    await checkDatabase(app);
    if (configuration.roles.has('api')) mountOpenApi(app);
    stopOnSignal(async () => {
      await stop(app, configuration);
      await embedded?.stop();
    }, configuration.drain.timeoutMs);
    await app.listen(configuration.port, configuration.host);
    log.info({ address: await app.getUrl(), roles: [...configuration.roles] }, 'ready');
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

async function checkDatabase(app: NestFastifyApplication): Promise<void> {
  const health = app.get(DatabaseHealth);
  await health.assertDurable();
  await health.check();
  await app.get(SealedSecrets, { strict: false }).assertOpenable();
}

/** DESIGN section 8: unready, serve on for a moment, stop taking work, finish what is on the wire, exit. */
async function stop(app: NestFastifyApplication, configuration: Configuration): Promise<void> {
  app.get(Log).info('stopping');
  app.get(Drain).begin();
  await new Promise((resolve) => setTimeout(resolve, configuration.drain.delayMs));
  await app.close();
}

start().catch((error: unknown) => {
  const sentence = explained.some((kind) => error instanceof kind)
    ? (error as Error).message
    : sentenceFor(error as NodeJS.ErrnoException);
  process.stderr.write(`${sentence}\n`, () => process.exit(1));
});

function sentenceFor(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'The port is in use: set PORT to another one.';
  if (error.code === 'ECONNREFUSED' || error.code === 'ENOTFOUND') {
    return 'The database at DATABASE_URL does not answer: is it running, and is the address right?';
  }
  return String(error.stack ?? error);
}
