import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Clock } from '../clock/index.js';
import { Ids } from '../ids/index.js';
import { ProcessIdentity } from '../process/index.js';
import { ControlPlane } from './control-plane.js';
import { DatabaseAddress } from './database-address.js';
import { DatabaseHealth } from './database-health.js';
import { DatabaseMetrics } from './database-metrics.js';
import { Database } from './database.js';
import { InstallationHold } from './installation-hold.js';
import { InstallationMarks } from './installation-marks.js';
import { LaneSignals } from './lane-signals.js';
import { PartitionKeeper } from './partition-keeper.js';
import { poolSizes } from './pool-sizes.js';

/**
 * Owns: the pools, the schema's migrations, the clock and the ids; of installation the marks.
 * Offers: Database, ControlPlane, DatabaseHealth, DatabaseMetrics, InstallationHold, InstallationMarks,
 * PartitionKeeper, LaneSignals, Clock, Ids.
 * Calls: PostgreSQL; expects DatabaseAddress, with the embedded server already started.
 */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(address: DatabaseAddress): {
    module: typeof DatabaseModule;
    global: true;
    imports: ReturnType<typeof TypeOrmModule.forRootAsync>[];
    providers: unknown[];
    exports: unknown[];
  } {
    const providers = [
      Clock,
      Ids,
      Database,
      ControlPlane,
      DatabaseHealth,
      DatabaseMetrics,
      InstallationHold,
      InstallationMarks,
      LaneSignals,
      PartitionKeeper,
      ProcessIdentity,
    ];
    return {
      module: DatabaseModule,
      global: true,
      imports: [
        TypeOrmModule.forRootAsync({
          inject: [InstallationMarks],
          useFactory: (marks: InstallationMarks) => ({
            type: 'postgres',
            url: address.url,
            autoLoadEntities: true,
            synchronize: false,
            poolSize: poolSizes(address.poolSize).control,
            applicationName: 'tyrian control',
            connectTimeoutMS: 2_500,
            retryAttempts: 1,
            manualInitialization: false,
            extra: {
              query_timeout: 6_000,
              keepAlive: true,
              onConnect: marks.onConnect,
            },
          }),
        }),
      ],
      providers: [{ provide: DatabaseAddress, useValue: address }, ...providers],
      exports: [DatabaseAddress, ...providers],
    };
  }
}
