import { describe, expect, it } from '@jest/globals';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Configuration } from './configuration.js';
import { ConfigurationModule } from './configuration.module.js';
import { loadConfiguration } from './load-configuration.js';
import { readConfiguration } from './read-configuration.js';

class Listener {
  constructor(readonly configuration: Configuration) {}
}

@Module({
  providers: [
    {
      provide: Listener,
      inject: [Configuration],
      useFactory: (c: Configuration) => new Listener(c),
    },
  ],
})
class FeatureModule {}

describe('ConfigurationModule', () => {
  it('gives every module the configuration of the process', async () => {
    process.env['PORT'] = '8099';
    process.env['ADMIN_TOKEN'] = 'a'.repeat(32);
    process.env['MASTER_KEY'] = `k1:${Buffer.alloc(32).toString('base64')}`;
    const app = await Test.createTestingModule({
      imports: [ConfigurationModule, FeatureModule],
    }).compile();
    const { configuration } = app.get(Listener);
    expect(configuration).toBeInstanceOf(Configuration);
    expect(configuration.port).toBe(8099);
    expect(configuration).toBe(readConfiguration().configuration);
  });

  it('can be replaced whole in a test', async () => {
    const { configuration } = loadConfiguration({ NODE_ENV: 'test', PORT: '8081' });
    const app = await Test.createTestingModule({ imports: [ConfigurationModule, FeatureModule] })
      .overrideProvider(Configuration)
      .useValue(configuration)
      .compile();
    expect(app.get(Listener).configuration).toBe(configuration);
  });
});
