// Owns the hold of installation; its marks are the platform's.
// Offers InstallationState and RestoredWork, which `after-restore` runs.
// May call messages (promotion), queue (settle) and tenants (audit log).
import { Module } from '@nestjs/common';
import { MessagesModule } from '../messages/index.js';
import { QueueModule } from '../queue/index.js';
import { TenantsModule } from '../tenants/index.js';
import { InstallationState } from './installation-state.js';
import { RestoredWork } from './restored-work.js';

@Module({
  imports: [MessagesModule, QueueModule, TenantsModule],
  providers: [InstallationState, RestoredWork],
  exports: [InstallationState, RestoredWork],
})
export class InstallationModule {}
