// Owns no table.
// Offers /admin/installation.
// May call InstallationModule and tenants.
import { Module } from '@nestjs/common';
import { InstallationController } from './installation.controller.js';
import { InstallationModule } from './installation.module.js';

@Module({ imports: [InstallationModule], controllers: [InstallationController] })
export class InstallationApiModule {}
