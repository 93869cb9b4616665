import { Module, type DynamicModule } from '@nestjs/common';
import { ViberModule } from '#viber';
import { SystemStateModule } from './admin/index.js';
import { ApiModule } from './api.module.js';
import { DriftCounter, DriftModule } from './drift/index.js';
import { HealthModule } from './health/index.js';
import { socketsForPolls, socketsForQuestions } from './lanes/index.js';
import { Configuration, ConfigurationModule, type Role } from './platform/config/index.js';
import { CryptoModule } from './platform/crypto/index.js';
import { DatabaseModule, type DatabaseAddress } from './platform/database/index.js';
import { LifecycleModule } from './platform/lifecycle/index.js';
import { type Log, LoggingModule } from './platform/logging/index.js';
import { MetricsModule } from './platform/metrics/index.js';
import { OutboundModule } from './platform/outbound/index.js';
import { WorkerModule } from './worker.module.js';

/** The whole gateway, in the roles that this process has. */
@Module({})
export class GatewayModule {
  /** @param options.log the one that the process has already. @default made from the configuration */
  static forRoot(options: {
    address: DatabaseAddress;
    roles: ReadonlySet<Role>;
    log?: Log;
  }): DynamicModule {
    const { address, roles, log } = options;
    return {
      module: GatewayModule,
      imports: [
        ConfigurationModule,
        LoggingModule.forRoot(log),
        LifecycleModule,
        MetricsModule,
        CryptoModule,
        OutboundModule,
        DatabaseModule.forRoot(address) as DynamicModule,
        ViberModule.forRootAsync({
          isGlobal: true,
          imports: [DriftModule],
          inject: [Configuration, DriftCounter],
          useFactory: ({ provider, limits }: Configuration, drift: DriftCounter) => ({
            baseUrl: provider.baseUrl,
            timeoutMs: provider.timeoutMs,
            // A send never waits in the client's own queue: polls and probes have sockets of their own beside it.
            connections: limits.socketsToProvider + socketsForPolls + socketsForQuestions,
            // Sends, polls, probes and key checks: no answer passes by unseen.
            onAnswer: (call, { deviations, rawText }) =>
              drift.note(
                call === 'send' ? 'send_answer' : 'status_answer',
                deviations,
                () => rawText,
              ),
          }),
        }),
        HealthModule,
        SystemStateModule,
        ...(roles.has('api') ? [ApiModule] : []),
        ...(roles.has('worker') ? [WorkerModule] : []),
      ],
    };
  }
}
