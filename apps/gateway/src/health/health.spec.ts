import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Global, Module } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfiguration } from '../platform/config/index.js';
import { DatabaseHealth, SchemaTooOld } from '../platform/database/index.js';
import { configureHttpApp, createHttpAdapter, httpAppOptions } from '../platform/http/index.js';
import { Drain, LifecycleModule, Startup } from '../platform/lifecycle/index.js';
import { Log } from '../platform/logging/index.js';
import { HealthModule } from './health.module.js';

interface Report {
  readonly code?: string;
  readonly checks: Record<string, { status: string; message?: string }>;
}

describe('health', () => {
  let app: NestFastifyApplication;
  let lines: string[];
  const check = jest.fn<() => Promise<void>>();

  beforeEach(async () => {
    check.mockReset().mockResolvedValue();
    lines = [];
    const log = Log.create({ level: 'info', format: 'json', write: (line) => lines.push(line) });
    const providers = [
      { provide: DatabaseHealth, useValue: { check } },
      { provide: Log, useValue: log },
    ];
    @Global()
    @Module({ providers, exports: providers })
    class PlatformModule {}
    const testing = await Test.createTestingModule({
      imports: [PlatformModule, LifecycleModule, HealthModule],
    }).compile();
    app = testing.createNestApplication<NestFastifyApplication>(
      createHttpAdapter(loadConfiguration({ NODE_ENV: 'test' }).configuration),
      { ...httpAppOptions, logger: false },
    );
    await configureHttpApp(app).listen(0, '127.0.0.1');
  });
  afterEach(() => app.close());

  const ask = async (path: string) => {
    const { port } = app.getHttpServer().address() as { port: number };
    const response = await fetch(`http://127.0.0.1:${port}/health/${path}`);
    return { status: response.status, body: (await response.json()) as Report };
  };

  it('is ready while the database answers', async () => {
    expect(await ask('ready')).toEqual({
      status: 200,
      body: {
        status: 'ok',
        checks: { database: expect.objectContaining({ status: 'up' }), draining: { status: 'up' } },
      },
    });
  });

  it('is alive, but not ready, without its database, and keeps the driver’s words to the log', async () => {
    check.mockRejectedValue(new Error('password authentication failed for user "tyrian"'));
    const { status, body } = await ask('ready');
    expect(status).toBe(503);
    expect(body).toMatchObject({
      code: 'not_ready',
      checks: { database: { status: 'down', message: 'The database does not answer.' } },
    });
    expect(JSON.stringify(body)).not.toContain('tyrian"');
    expect(lines.join('')).toContain('password authentication failed');
    expect((await ask('live')).status).toBe(200);
  });

  it('is not ready while a migration is missing', async () => {
    check.mockRejectedValue(new SchemaTooOld());
    expect((await ask('ready')).body.checks['database']?.message).toMatch(/lacks a migration/);
  });

  it('says so within three seconds when the database hangs', async () => {
    check.mockReturnValue(new Promise(() => {}));
    const startedAt = performance.now();
    expect((await ask('ready')).status).toBe(503);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('asks the database once for probes that come together, and anew soon after', async () => {
    await Promise.all([ask('ready'), ask('ready'), ask('ready')]);
    expect(check).toHaveBeenCalledTimes(1);
    await sleep(300);
    await ask('ready');
    expect(check).toHaveBeenCalledTimes(2);
  });

  it('is not ready once it drains, and alive to the end', async () => {
    app.get(Drain).begin();
    expect(await ask('ready')).toMatchObject({
      status: 503,
      body: { checks: { draining: { status: 'down' }, database: { status: 'up' } } },
    });
    expect((await ask('live')).status).toBe(200);
  });

  it('has started once the database answered, whatever comes later', async () => {
    check.mockRejectedValueOnce(new Error('not yet'));
    expect((await ask('startup')).status).toBe(503);
    await sleep(300);
    expect((await ask('startup')).status).toBe(200);
    check.mockRejectedValue(new Error('gone'));
    await sleep(300);
    expect((await ask('startup')).status).toBe(200);
  });

  it('has started once the start says so, though nobody had asked before the database went', async () => {
    app.get(Startup).finish();
    check.mockRejectedValue(new Error('gone'));
    expect((await ask('startup')).status).toBe(200);
  });
});
