import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { GatewayModule } from './gateway.module.js';
import {
  describeConfiguration,
  readConfiguration,
  type Configuration,
} from './platform/config/index.js';
import { SealedSecrets } from './accounts/index.js';
import { DatabaseHealth, examineServer, migrate } from './platform/database/index.js';
import { createHttpApp, listen } from './platform/http/index.js';
import { Drain, Startup, stopOnSignal } from './platform/lifecycle/index.js';
import { Log } from './platform/logging/index.js';
import { mountOpenApi } from './openapi.js';
import { startDatabase } from './start-database.js';
import { endBecauseOf } from './start-failure.js';

async function start(): Promise<void> {
  const { configuration, warnings } = readConfiguration();
  const log = Log.for(configuration);
  for (const warning of warnings) log.warn(warning);
  log.info({ configuration: describeConfiguration(configuration) }, 'the configuration in effect');
  const { address, embedded } = await startDatabase(configuration);
  try {
    for (const warning of await examineServer(address.url)) log.warn(warning);
    if (configuration.database.migrateOnStart) {
      await migrate(address.ownerUrl, address.url, {
        onWait: () => log.info('waiting for another migration of this database to end'),
      });
    }
    const module = GatewayModule.forRoot({ address, roles: configuration.roles, log });
    const app = await createHttpApp(module, configuration, log);
    await checkDatabase(app);
    if (configuration.roles.has('api')) mountOpenApi(app);
    stopOnSignal(async () => {
      await stop(app, configuration);
      await embedded?.stop();
    }, configuration.drain.timeoutMs);
    await listen(app, configuration);
    app.get(Startup).finish();
    log.info({ address: await app.getUrl(), roles: [...configuration.roles] }, 'ready');
    void embedded?.exited.then(() => endWithoutDatabase(app));
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
}

async function checkDatabase(app: NestFastifyApplication): Promise<void> {
  const health = app.get(DatabaseHealth);
  await health.check();
  await health.assertDurable();
  await app.get(SealedSecrets, { strict: false }).assertOpenable();
}

/** DESIGN section 8: unready, serve on for a moment, stop taking work, finish what is on the wire, exit. */
async function stop(app: NestFastifyApplication, configuration: Configuration): Promise<void> {
  app.get(Log).info('stopping');
  app.get(Drain).begin();
  await new Promise((resolve) => setTimeout(resolve, configuration.drain.delayMs));
  await app.close();
}

/** Nothing starts the embedded server again but a start of ours. */
function endWithoutDatabase(app: NestFastifyApplication): void {
  if (app.get(Drain).draining) return;
  app.get(Log).fatal('the embedded PostgreSQL ended; its last words stand in postgres.log');
  process.exit(1);
}

start().catch(endBecauseOf);
