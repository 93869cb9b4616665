import { Global, Module } from '@nestjs/common';
import { AccountWork, OpenWorkCloser } from './accounts/index.js';
import { ForcedExpiry, MessagesModule } from './messages/index.js';
import { QueueDepth, QueueModule } from './queue/index.js';

/** What accounts need to know of the floors above them, bound where all floors are in sight. */
@Global()
@Module({
  imports: [QueueModule, MessagesModule],
  providers: [
    { provide: AccountWork, useExisting: QueueDepth },
    { provide: OpenWorkCloser, useExisting: ForcedExpiry },
  ],
  exports: [AccountWork, OpenWorkCloser],
})
export class AccountPortsModule {}
