import { Injectable } from '@nestjs/common';
import { OpenWorkCloser } from '../accounts/index.js';
import { MessageEnder } from './message-ender.js';

/** Ends the work of an account that is deleted by force. */
@Injectable()
export class ForcedExpiry extends OpenWorkCloser {
  constructor(private readonly ender: MessageEnder) {
    super();
  }

  async expireAll(tenantId: string, accountId: string): Promise<void> {
    while (await this.ender.expireAccount(tenantId, accountId));
  }
}
