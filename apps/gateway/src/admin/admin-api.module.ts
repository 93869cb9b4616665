// Owns no table.
// Offers /admin/lanes and /admin/connections.
// May call accounts, queue (depth) and tenants.
import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/index.js';
import { QueueModule } from '../queue/index.js';
import { ConnectionsController } from './connections.controller.js';
import { LaneViews } from './lane-views.js';
import { LanesController } from './lanes.controller.js';
import { OperatorActs } from './operator-acts.js';

@Module({
  imports: [AccountsModule, QueueModule],
  controllers: [LanesController, ConnectionsController],
  providers: [LaneViews, OperatorActs],
})
export class AdminApiModule {}
