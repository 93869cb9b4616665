import { Module } from '@nestjs/common';
import { StopWordsController } from './stop-words.controller.js';
import { StopWordsService } from './stop-words.service.js';
import { SuppressionsController } from './suppressions.controller.js';
import { SuppressionsService } from './suppressions.service.js';

/**
 * Owns: nothing; the rows are those of SuppressionsModule.
 * Offers: /v1/suppressions and /v1/stop-words, in the api role.
 * Calls: tenants (who calls, audit), recipients, platform.
 */
@Module({
  controllers: [SuppressionsController, StopWordsController],
  providers: [SuppressionsService, StopWordsService],
})
export class SuppressionsApiModule {}
