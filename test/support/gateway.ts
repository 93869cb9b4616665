import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { Test } from '@nestjs/testing';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Type } from '@nestjs/common';
import { GatewayModule } from '../../apps/gateway/src/gateway.module.js';
import { Configuration } from '../../apps/gateway/src/platform/config/index.js';
import { DriftFlusher } from '../../apps/gateway/src/drift/drift-flusher.js';
import { LaneWorker } from '../../apps/gateway/src/lanes/lane-worker.js';
import { RelayWorker } from '../../apps/gateway/src/timeline/relay-worker.js';
import { FoldWorker } from '../../apps/gateway/src/receipts/fold-worker.js';
import { ProofSchedule } from '../../apps/gateway/src/reconciliation/proof-schedule.js';
import { Reconciler } from '../../apps/gateway/src/reconciliation/reconciler.js';
import {
  configureHttpApp,
  createHttpAdapter,
  httpAppOptions,
} from '../../apps/gateway/src/platform/http/index.js';
import { adminToken, testConfiguration } from './configuration.js';
import type { TestDatabase } from './database.js';

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
    ...options.variables,
  });
  const builder = Test.createTestingModule({
    imports: [GatewayModule.forRoot({ address: options.database.address, roles: new Set(roles) })],
  })
    .overrideProvider(Configuration)
    .useValue(configuration);
  if (options.loops === false) {
    for (const loops of [
      LaneWorker,
      FoldWorker,
      RelayWorker,
      Reconciler,
      ProofSchedule,
      DriftFlusher,
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

export interface TestTenant {
  readonly id: string;
  readonly apiKey: string;
  readonly accountId: string;
}

/** A tenant with a key and one account, made over the REST API. */
export async function createTenant(
  gateway: { readonly url: string },
  account: Readonly<Record<string, unknown>> = {},
  name = 'Test tenant',
): Promise<TestTenant> {
  const tenant = await call<{ id: string; api_key: string }>(gateway, 'POST', '/admin/tenants', {
    token: adminToken,
    body: { name },
    expect: 201,
  });
  const created = await call<{ id: string }>(gateway, 'POST', '/v1/accounts', {
    token: tenant.api_key,
    body: {
      name: 'Test account',
      provider_key: `key-${tenant.id}`,
      default_sender: 'Tyrian',
      default_category: 'transactional',
      ...account,
    },
    expect: 201,
  });
  return { id: tenant.id, apiKey: tenant.api_key, accountId: created.id };
}

/** One request; throws where the status is not the expected one. */
export async function call<Body = Record<string, unknown>>(
  gateway: { readonly url: string },
  method: string,
  path: string,
  options: {
    token?: string;
    body?: unknown;
    headers?: Record<string, string>;
    expect?: number;
  } = {},
): Promise<Body> {
  const response = await fetch(gateway.url + path, {
    method,
    headers: {
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  if (options.expect !== undefined && response.status !== options.expect) {
    throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  }
  return (text === '' ? undefined : JSON.parse(text)) as Body;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until the probe gives something, or throws with what it last gave. */
export async function eventually<T>(
  probe: () => Promise<T | null | undefined | false>,
  options: { withinMs?: number; what?: string } = {},
): Promise<T> {
  const deadline = performance.now() + (options.withinMs ?? 10_000);
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (performance.now() > deadline)
      throw new Error(`did not happen in time: ${options.what ?? 'the awaited state'}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
