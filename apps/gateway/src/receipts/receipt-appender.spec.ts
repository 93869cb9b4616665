import { describe, expect, it } from '@jest/globals';
import { DatabaseMetrics, type Database } from '../platform/database/index.js';
import { Metrics } from '../platform/metrics/index.js';
import { ReceiptAppender, type Receipt } from './receipt-appender.js';

interface Row {
  readonly message_id: string;
  readonly provider_status: string;
  readonly provider_message_id: string | null;
  readonly times: number;
}

const receipt = (given: Partial<Receipt> = {}): Receipt => ({
  tenantId: 'tenant',
  accountId: 'account',
  messageId: 'message',
  attempt: 1,
  providerStatus: '1',
  providerMessageId: null,
  ...given,
});

/** Takes down what would be written. */
function recording(fails: Error | null = null) {
  const flushes: Row[][] = [];
  const database = {
    transaction: async (
      _pool: string,
      _options: object,
      work: (tx: object) => Promise<unknown>,
    ) => {
      if (fails) throw fails;
      return work({
        query: async (_statement: object, [rows]: [string]) => {
          flushes.push(JSON.parse(rows) as Row[]);
          return [];
        },
      });
    },
  } as unknown as Database;
  return {
    appender: new ReceiptAppender(database, new DatabaseMetrics(database, new Metrics())),
    flushes,
  };
}

describe('callbacks of one flush', () => {
  it('are written once each, and the same one again is counted', async () => {
    const { appender, flushes } = recording();
    await Promise.all([
      appender.append(receipt()),
      appender.append(receipt({ providerStatus: '5' })),
      appender.append(receipt({ attempt: 2 })),
      appender.append(receipt({ messageId: 'other' })),
      appender.append(receipt()),
      appender.append(receipt()),
    ]);
    expect(flushes).toHaveLength(1);
    const times = (flushes[0] as Row[]).map((row) => [
      row.message_id,
      row.provider_status,
      row.times,
    ]);
    expect(times).toEqual([
      ['message', '1', 3],
      ['message', '5', 1],
      ['message', '1', 1],
      ['other', '1', 1],
    ]);
  });

  it('keep the id of the provider, whichever of the doubles brought it', async () => {
    const { appender, flushes } = recording();
    await Promise.all([
      appender.append(receipt()),
      appender.append(receipt({ providerMessageId: '429' })),
      appender.append(receipt({ providerMessageId: null })),
    ]);
    expect(flushes).toEqual([[expect.objectContaining({ provider_message_id: '429', times: 3 })]]);
  });

  it('are all told when they could not be written', async () => {
    const { appender } = recording(new Error('full'));
    const results = await Promise.allSettled([
      appender.append(receipt()),
      appender.append(receipt()),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
