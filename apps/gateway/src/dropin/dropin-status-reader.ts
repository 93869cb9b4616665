import { Injectable } from '@nestjs/common';
import { MessageReader } from '../messages/index.js';
import { Database, sqlFile } from '../platform/database/index.js';
import type { Caller } from '../tenants/index.js';
import { GivenParameters, wrongParameter } from './given-parameters.js';
import { providerStatusOf, type ProviderStatus } from './provider-status.js';

const findMessage = sqlFile(import.meta.url, './sql/find-message.sql');

/** Answers `receive-viber`. */
@Injectable()
export class DropinStatusReader {
  constructor(
    private readonly database: Database,
    private readonly reader: MessageReader,
  ) {}

  /** @throws InvalidRequest, NotFound for a number that the caller's tenant was never told */
  async read(caller: Caller, body: Buffer | undefined): Promise<ProviderStatus> {
    const number = GivenParameters.of(body).integer('message_id');
    if (number === null) throw wrongParameter('message_id');
    const { tenantId } = caller;
    return this.database.transaction('reads', { role: 'tenant', tenantId }, async (tx) => {
      const [found] = await tx.query<{ message_id: string }>(findMessage, [tenantId, number]);
      if (!found) throw wrongParameter('message_id');
      const { progress } = await this.reader.getIn(tx, caller, found.message_id);
      return providerStatusOf(number, progress);
    });
  }
}
