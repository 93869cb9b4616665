import { Module } from '@nestjs/common';
import { MessagesApiModule, MessagesModule } from '../messages/index.js';
import { DropinIntake } from './dropin-intake.js';
import { DropinMetrics } from './dropin-metrics.js';
import { DropinNumbers } from './dropin-numbers.js';
import { DropinStatusReader } from './dropin-status-reader.js';
import { DropinController } from './dropin.controller.js';

/**
 * Owns: dropin_numbers, dropin_messages.
 * Offers: the provider's send-viber and receive-viber, in the api role.
 * Calls: messages (intake, reading), tenants (who calls).
 */
@Module({
  imports: [MessagesApiModule, MessagesModule],
  controllers: [DropinController],
  providers: [DropinIntake, DropinNumbers, DropinMetrics, DropinStatusReader],
})
export class DropinApiModule {}
