import { Module, type DynamicModule } from '@nestjs/common';
import { InstallationModule } from './installation/index.js';
import { ConfigurationModule } from './platform/config/index.js';
import { DatabaseModule, type DatabaseAddress } from './platform/database/index.js';
import { LoggingModule } from './platform/logging/index.js';
import { MetricsModule } from './platform/metrics/index.js';

/** What `npm run after-restore` needs of the gateway: no role, no loop, no provider. */
@Module({})
export class AfterRestoreModule {
  static forRoot(address: DatabaseAddress): DynamicModule {
    return {
      module: AfterRestoreModule,
      imports: [
        ConfigurationModule,
        LoggingModule.forRoot(),
        MetricsModule,
        DatabaseModule.forRoot(address) as DynamicModule,
        InstallationModule,
      ],
    };
  }
}
