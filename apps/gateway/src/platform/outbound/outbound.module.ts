// Owns no table. Offers OutboundClient and OutboundGuard, for every URL that a tenant gives. Calls the configuration.
import { Global, Module } from '@nestjs/common';
import { Configuration } from '../config/index.js';
import { HostResolver, SystemHostResolver } from './host-resolver.js';
import { OutboundClient } from './outbound-client.js';
import { DirectDialer, OutboundDialer, ProxyDialer } from './outbound-dialer.js';
import { OutboundGuard } from './outbound-guard.js';
import { OutboundPolicy } from './outbound-policy.js';

@Global()
@Module({
  providers: [
    OutboundClient,
    OutboundGuard,
    { provide: HostResolver, useClass: SystemHostResolver },
    {
      provide: OutboundDialer,
      inject: [Configuration],
      useFactory: ({ outbound }: Configuration) =>
        outbound.proxyUrl === null ? new DirectDialer() : new ProxyDialer(outbound.proxyUrl),
    },
    {
      provide: OutboundPolicy,
      inject: [Configuration],
      useFactory: ({ environment, outbound }: Configuration) =>
        new OutboundPolicy({
          allowCidrs: outbound.allowCidrs,
          loopback: environment === 'production' ? 'refused' : 'allowed',
        }),
    },
  ],
  exports: [OutboundClient, OutboundGuard],
})
export class OutboundModule {}
