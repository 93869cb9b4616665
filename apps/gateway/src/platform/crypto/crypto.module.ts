// Owns no table. Offers `Vault`, opened with the master keys. Calls the configuration.
import { Global, Module } from '@nestjs/common';
import { Configuration } from '../config/index.js';
import { Vault } from './vault.js';

@Global()
@Module({
  providers: [
    {
      provide: Vault,
      inject: [Configuration],
      useFactory: ({ masterKeys }: Configuration) => new Vault(masterKeys),
    },
  ],
  exports: [Vault],
})
export class CryptoModule {}
