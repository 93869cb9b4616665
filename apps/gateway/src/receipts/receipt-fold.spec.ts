import { describe, expect, it } from '@jest/globals';
import type { Evidence, EvidenceMerger, Verdict } from '../messages/index.js';
import type { Configuration } from '../platform/config/index.js';
import type { Database } from '../platform/database/index.js';
import { ReceiptFold } from './receipt-fold.js';

const receipt = (providerStatus: string) => ({
  tenant_id: 'tenant',
  message_id: 'message',
  attempt: 1,
  provider_status: providerStatus,
  provider_message_id: '429',
  first_at: new Date(0),
});

/** A fold over the given receipts, whose merge gives the verdicts in their order. */
function fold(receipts: object[], verdicts: (Verdict | 'applied')[] = []) {
  const merged: Evidence[] = [];
  const folded: { verdict: string }[] = [];
  const tx = {
    query: async (statement: { name: string }, parameters: unknown[]) => {
      if (!statement.name.startsWith('fold')) return receipts;
      folded.push(...(JSON.parse(parameters[0] as string) as { verdict: string }[]));
      return [];
    },
  };
  const database = {
    transaction: (_pool: string, _options: object, work: (tx: object) => Promise<unknown>) =>
      work(tx),
  } as unknown as Database;
  const merger = {
    merge: async (_tx: object, pieces: Evidence[]) => {
      merged.push(...pieces);
      return pieces.map((evidence, index) => ({ evidence, verdict: verdicts[index] ?? 'applied' }));
    },
  } as unknown as EvidenceMerger;
  const configuration = { provider: { status2Final: true } } as Configuration;
  return { fold: new ReceiptFold(database, merger, configuration), merged, folded };
}

describe('the fold of callbacks', () => {
  it('hands them on as evidence, in the words of our statuses', async () => {
    const { fold: folding, merged } = fold([receipt('1'), receipt('77')]);
    await folding.runOnce();
    expect(merged).toMatchObject([
      {
        source: 'callback',
        status: 'delivered',
        isFinal: true,
        providerStatus: '1',
        providerMessageId: '429',
      },
      { status: 'sent', isFinal: false, providerStatus: '77', code: 'unknown_provider_status' },
    ]);
  });

  it.each<[Verdict, string]>([
    ['applied', 'folded'],
    ['outranked', 'folded'],
    ['not_higher', 'folded'],
    ['already_final', 'folded'],
    ['later_attempt', 'folded'],
    ['on_the_wire', 'deferred'],
    ['message_unknown', 'orphaned'],
  ])('makes of a verdict %s one that is %s', async (verdict, expected) => {
    const { fold: folding, folded } = fold([receipt('1')], [verdict]);
    await folding.runOnce();
    expect(folded).toMatchObject([{ verdict: expected, provider_status: '1', attempt: 1 }]);
  });

  it('comes again at once only where a batch was full', async () => {
    await expect(fold([]).fold.runOnce()).resolves.toBe(false);
    await expect(fold([receipt('1')]).fold.runOnce()).resolves.toBe(false);
    await expect(
      fold(Array.from({ length: 1_000 }, () => receipt('1'))).fold.runOnce(),
    ).resolves.toBe(true);
  });
});
