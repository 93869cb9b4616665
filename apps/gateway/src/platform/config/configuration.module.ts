// Owns no table. Offers `Configuration` to every module. Calls nobody.
import { Global, Module } from '@nestjs/common';
import { ConfigModule, registerAs } from '@nestjs/config';
import { Configuration } from './configuration.js';
import { readConfiguration } from './read-configuration.js';

const environment = registerAs('configuration', () => readConfiguration().configuration);

@Global()
@Module({
  imports: [ConfigModule.forFeature(environment)],
  providers: [
    {
      provide: Configuration,
      inject: [environment.KEY],
      useFactory: (configuration: Configuration) => configuration,
    },
  ],
  exports: [Configuration],
})
export class ConfigurationModule {}
