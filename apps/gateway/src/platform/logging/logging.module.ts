// Owns no table. Offers `Log` to every module. Calls the configuration.
import { Global, Module } from '@nestjs/common';
import { Configuration } from '../config/index.js';
import { Log } from './log.js';

@Global()
@Module({
  providers: [
    {
      provide: Log,
      inject: [Configuration],
      useFactory: ({ environment, logLevel }: Configuration) =>
        Log.create({ level: logLevel, format: environment === 'production' ? 'json' : 'text' }),
    },
  ],
  exports: [Log],
})
export class LoggingModule {}
