import { Module } from '@nestjs/common';
import { MessagesApiModule, MessagesModule } from '../messages/index.js';
import { DropinIntake } from './dropin-intake.js';
import { DropinNumbers } from './dropin-numbers.js';
import { DropinStatusReader } from './dropin-status-reader.js';
import { CallbackUrlCheck } from './callback-url-check.js';
import { DropinController } from './dropin.controller.js';
import { DropinModule } from './dropin.module.js';

/**
 * Owns: dropin_numbers, dropin_messages.
 * Offers: the provider's send-viber and receive-viber, in the api role.
 * Calls: messages (intake, reading), tenants (who calls).
 */
@Module({
  imports: [MessagesApiModule, MessagesModule, DropinModule],
  controllers: [DropinController],
  providers: [DropinIntake, DropinNumbers, DropinStatusReader, CallbackUrlCheck],
})
export class DropinApiModule {}
