import { Module } from '@nestjs/common';
import { AccountsModule } from '../accounts/index.js';
import { Admission } from './admission.js';
import { BatchIntake } from './batch-intake.js';
import { DraftingContexts } from './drafting-contexts.js';
import { MessageIntake } from './message-intake.js';
import { MessagesController } from './messages.controller.js';
import { MessagesModule } from './messages.module.js';

/**
 * Owns: no table.
 * Offers: /v1/messages; the intake, for other doors.
 * Calls: messages, accounts (which accounts there are), tenants (who calls).
 */
@Module({
  imports: [MessagesModule, AccountsModule],
  controllers: [MessagesController],
  providers: [Admission, DraftingContexts, MessageIntake, BatchIntake],
  exports: [MessageIntake],
})
export class MessagesApiModule {}
