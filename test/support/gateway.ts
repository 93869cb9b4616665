import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Type } from '@nestjs/common';
import { GatewayModule } from '../../apps/gateway/src/gateway.module.js';
import { Configuration } from '../../apps/gateway/src/platform/config/index.js';
import { CallbackWorker } from '../../apps/gateway/src/dropin/callback-worker.js';
import { DriftFlusher } from '../../apps/gateway/src/drift/drift-flusher.js';
import { LaneWorker } from '../../apps/gateway/src/lanes/lane-worker.js';
import { RelayWorker } from '../../apps/gateway/src/timeline/relay-worker.js';
import { FoldWorker } from '../../apps/gateway/src/receipts/fold-worker.js';
import { ProofSchedule } from '../../apps/gateway/src/reconciliation/proof-schedule.js';
import { WebhookWorker } from '../../apps/gateway/src/webhooks/webhook-worker.js';
import { Reconciler } from '../../apps/gateway/src/reconciliation/reconciler.js';
import {
  configureHttpApp,
  createHttpAdapter,
  httpAppOptions,
} from '../../apps/gateway/src/platform/http/index.js';
import { HostResolver } from '../../apps/gateway/src/platform/outbound/host-resolver.js';
import { testConfiguration } from './configuration.js';
import type { TestDatabase } from './database.js';
import { freePort } from './ports.js';
import { calmTimes, patientTimes } from './provider-times.js';

export { call, callAgain, createTenant, type TestTenant } from './api.js';
export { eventually } from './eventually.js';
export { freePort } from './ports.js';

export interface TestGateway {
  readonly url: string;
  readonly app: NestFastifyApplication;
  get<T>(token: Type<T> | (abstract new (...args: never[]) => T)): T;
  close(): Promise<void>;
}

export interface TestGatewayOptions {
  readonly database: Pick<TestDatabase, 'address'>;
  /** Base URL of the sandbox, or of whatever stands for the provider. */
  readonly providerUrl: string;
  /** @default api and worker */
  readonly roles?: readonly ('api' | 'worker')[];
  readonly variables?: Readonly<Record<string, string>>;
  /** false: the loops do not run by themselves; the test ticks them. @default true */
  readonly loops?: boolean;
  /** Addresses of hosts that tenants' URLs name. @default none: no name is looked up, and nothing is called */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
}

/** A gateway in this process, on a database of its own, with its real modules and a real socket. */
export async function startGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const port = await freePort();
  const roles = options.roles ?? ['api', 'worker'];
  const configuration = testConfiguration({
    PORT: String(port),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    VIBER_BASE_URL: options.providerUrl,
    ROLES: roles.join(','),
    DATABASE_URL: options.database.address.url,
    // Where the test turns the loops, it lets time pass too.
    ...(options.loops === false ? patientTimes : calmTimes),
    ...options.variables,
  });
  const builder = Test.createTestingModule({
    imports: [GatewayModule.forRoot({ address: options.database.address, roles: new Set(roles) })],
  })
    .overrideProvider(Configuration)
    .useValue(configuration)
    .overrideProvider(HostResolver)
    .useValue({ resolve: async (host: string) => options.hosts?.[host] ?? [] });
  if (options.loops === false) {
    for (const loops of [
      CallbackWorker,
      LaneWorker,
      FoldWorker,
      RelayWorker,
      Reconciler,
      ProofSchedule,
      DriftFlusher,
      WebhookWorker,
    ])
      builder.overrideProvider(loops).useValue({});
  }
  const module = await builder.compile();
  const app = module.createNestApplication<NestFastifyApplication>(
    createHttpAdapter(configuration),
    {
      ...httpAppOptions,
      logger: false,
    },
  );
  configureHttpApp(app);
  await app.listen(port, '127.0.0.1');
  return {
    url: `http://127.0.0.1:${port}`,
    app,
    get: (token) => app.get(token as Type, { strict: false }),
    close: () => app.close(),
  };
}
