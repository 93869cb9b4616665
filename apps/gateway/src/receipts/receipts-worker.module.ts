import { Module } from '@nestjs/common';
import { MessagesModule } from '../messages/index.js';
import { FoldWorker } from './fold-worker.js';
import { ReceiptFold } from './receipt-fold.js';

/**
 * Owns: the folding of receipts.
 * Offers: ReceiptFold; its loop runs in the worker role.
 * Calls: messages (the merge of evidence).
 */
@Module({
  imports: [MessagesModule],
  providers: [ReceiptFold, FoldWorker],
  exports: [ReceiptFold],
})
export class ReceiptsWorkerModule {}
