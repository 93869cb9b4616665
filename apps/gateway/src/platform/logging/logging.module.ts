// Owns no table. Offers `Log` to every module. Calls the configuration.
import { type DynamicModule, Module } from '@nestjs/common';
import { Configuration } from '../config/index.js';
import { Log } from './log.js';

@Module({})
export class LoggingModule {
  /** @param log the one that the process has already. @default made from the configuration */
  static forRoot(log?: Log): DynamicModule {
    return {
      module: LoggingModule,
      global: true,
      providers: [
        log === undefined
          ? {
              provide: Log,
              inject: [Configuration],
              useFactory: (configuration: Configuration) => Log.for(configuration),
            }
          : { provide: Log, useValue: log },
      ],
      exports: [Log],
    };
  }
}
