import { ConfigurableModuleBuilder, Module } from '@nestjs/common';
import { HttpViberClient } from './http-viber-client.js';
import { ViberClient } from './viber-client.js';
import type { ViberOptions } from './viber-options.js';

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } =
  new ConfigurableModuleBuilder<ViberOptions>({ moduleName: 'Viber' })
    .setClassMethodName('forRoot')
    .setExtras({ isGlobal: false }, (definition, { isGlobal }) => ({
      ...definition,
      global: isGlobal,
    }))
    .build();

/**
 * Offers ViberClient. Its connections are closed with the application, after all other modules have
 * stopped.
 */
@Module({
  providers: [
    {
      provide: ViberClient,
      useFactory: (options: ViberOptions) => new HttpViberClient(options),
      inject: [MODULE_OPTIONS_TOKEN],
    },
  ],
  exports: [ViberClient],
})
export class ViberModule extends ConfigurableModuleClass {}
