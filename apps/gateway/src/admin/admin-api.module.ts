// Owns no table.
// Offers /admin/lanes and /admin/overview.
// May call accounts, queue (depth) and tenants.
import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/index.js';
import { QueueModule } from '../queue/index.js';
import { LaneOrders } from './lane-orders.js';
import { LaneViews } from './lane-views.js';
import { LanesController } from './lanes.controller.js';
import { OperatorActs } from './operator-acts.js';
import { OverviewController } from './overview.controller.js';
import { SystemStateModule } from './system-state.module.js';

@Module({
  imports: [AccountsModule, QueueModule, SystemStateModule],
  controllers: [LanesController, OverviewController],
  providers: [LaneOrders, LaneViews, OperatorActs],
})
export class AdminApiModule {}
