import { Module } from '@nestjs/common';
import { DropinWorkerModule } from './dropin/index.js';
import { LanesModule } from './lanes/index.js';
import { ReceiptsWorkerModule } from './receipts/index.js';
import { ReconciliationModule } from './reconciliation/index.js';
import { TimelineWorkerModule } from './timeline/index.js';
import { WebhooksWorkerModule } from './webhooks/index.js';

/** The role `worker`: sends, follows, folds, relays, keeps house. */
@Module({
  imports: [
    LanesModule,
    ReceiptsWorkerModule,
    ReconciliationModule,
    TimelineWorkerModule,
    DropinWorkerModule,
    WebhooksWorkerModule,
  ],
})
export class WorkerModule {}
