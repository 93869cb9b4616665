import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import { loadConfiguration } from '../config/index.js';
import { LifecycleModule } from '../lifecycle/index.js';
import { Log, LoggingModule } from '../logging/index.js';
import { createHttpApp } from './http-app.js';

describe('createHttpApp', () => {
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('speaks in our log alone when a part cannot be made, and hands the error on', async () => {
    const printed: string[] = [];
    for (const stream of [process.stdout, process.stderr])
      jest.spyOn(stream, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    const lines: string[] = [];
    const log = Log.create({ level: 'debug', format: 'json', write: (line) => lines.push(line) });
    const broken = new Error('cannot be made');
    const provider = {
      provide: 'part',
      useFactory: () => {
        throw broken;
      },
    };
    @Module({ imports: [LoggingModule.forRoot(log), LifecycleModule], providers: [provider] })
    class BrokenModule {}

    const { configuration } = loadConfiguration({ NODE_ENV: 'test' });
    await expect(createHttpApp(BrokenModule, configuration, log)).rejects.toBe(broken);
    expect(printed).toEqual([]);
    expect(lines.join('')).toContain('cannot be made');
  });
});
