import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { CallbackSender } from './callback-sender.js';
import { SandboxClock } from './clock.js';
import { Faults } from './faults.js';
import { Journal } from './journal.js';
import { Keys } from './keys.js';
import { Messages } from './messages.js';
import { sandboxConfig } from './sandbox.config.js';
import type { SandboxConfig } from './sandbox.config.js';
import { ProviderRoutes } from './provider/provider.routes.js';
import { SandboxModule } from './sandbox.module.js';
import { SandboxState } from './sandbox-state.js';

export { fates, recipientFor } from './fates.js';
export type { Fate } from './fate.js';
export type { JournalEntry } from './journal.js';
export type { MessageView } from './messages.js';

/** A running sandbox, and its insides for tests in the same process. */
export interface Sandbox {
  /** Without a slash at the end, such as `http://127.0.0.1:8090`. */
  readonly url: string;
  readonly port: number;
  readonly journal: Journal;
  readonly messages: Messages;
  readonly keys: Keys;
  readonly faults: Faults;
  readonly clock: SandboxClock;
  /** As `POST /sandbox/reset`. */
  reset(options?: { seed?: string }): void;
  /** At once: open connections are cut, planned callbacks are dropped. */
  close(): Promise<void>;
}

/**
 * Starts the provider's twin. Each call starts one of its own; `port: 0` takes a free port.
 * Throws InvalidSandboxConfig, and what `listen` throws when the port is in use.
 */
export async function createSandbox(options: Partial<SandboxConfig> = {}): Promise<Sandbox> {
  const config = sandboxConfig(options);
  const adapter = new FastifyAdapter({
    bodyLimit: 1024 * 1024,
    forceCloseConnections: true,
    keepAliveTimeout: config.keepAliveMs,
    routerOptions: { maxParamLength: 1024 },
    // An URL that cannot be decoded finds no route.
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      void app.get(ProviderRoutes).turnedAway(error, request, reply),
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    SandboxModule.with(config),
    adapter,
    {
      logger: ['error', 'fatal'],
      abortOnError: false,
    },
  );
  await app.listen(config.port, config.host);
  const { port } = app.getHttpServer().address() as { port: number };
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  const clock = app.get(SandboxClock);
  const journal = app.get(Journal);

  let closing: Promise<void> | undefined;
  const close = async () => {
    clock.reset();
    await app.get(CallbackSender).close();
    await app.close();
    journal.close();
  };
  return {
    url: `http://${host}:${port}`,
    port,
    journal,
    messages: app.get(Messages),
    keys: app.get(Keys),
    faults: app.get(Faults),
    clock,
    reset: (reset) => app.get(SandboxState).reset(reset),
    close: () => (closing ??= close()),
  };
}
