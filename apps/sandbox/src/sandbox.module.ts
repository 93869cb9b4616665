import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { CallbackSender } from './callback-sender.js';
import { Callbacks } from './callbacks.js';
import { Chance } from './chance.js';
import { SandboxClock } from './clock.js';
import { ControlController } from './control/control.controller.js';
import { Faults } from './faults.js';
import { Journal } from './journal.js';
import { Keys } from './keys.js';
import { Messages } from './messages.js';
import { ProviderRoutes } from './provider/provider.routes.js';
import { Provider } from './provider/provider.js';
import { Sends } from './provider/sends.js';
import { StatusRequests } from './provider/status-requests.js';
import { SandboxConfig } from './sandbox.config.js';
import { SandboxState } from './sandbox-state.js';

/** Owns nothing but memory and one file. Offers the provider's two routes and `/sandbox`. Calls callback URLs only. */
@Module({})
export class SandboxModule {
  static with(config: SandboxConfig): DynamicModule {
    return {
      module: SandboxModule,
      controllers: [ControlController],
      providers: [
        { provide: SandboxConfig, useValue: config },
        { provide: Chance, useValue: new Chance(config.seed) },
        { provide: SandboxClock, useValue: new SandboxClock() },
        Journal,
        Keys,
        Faults,
        Messages,
        CallbackSender,
        Callbacks,
        Sends,
        StatusRequests,
        Provider,
        ProviderRoutes,
        SandboxState,
      ],
    };
  }
}
