import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rankOf, reduceEvidence, type Evidence } from './evidence.js';
import { finalRank, messageStatuses } from './transitions.js';

const piece = (given: Partial<Evidence> = {}): Evidence => ({
  tenantId: 'tenant',
  messageId: 'message',
  attempt: 1,
  source: 'callback',
  status: 'sent',
  isFinal: false,
  at: new Date(0),
  eventType: 'receipt',
  ...given,
});
const final = (given: Partial<Evidence>): Evidence => piece({ isFinal: true, ...given });

const highestOf = (...pieces: Evidence[]): Evidence => {
  const [reduced] = reduceEvidence(pieces);
  return reduced?.highest as Evidence;
};

const anyPiece = fc
  .record({
    messageId: fc.constantFrom('a', 'b', 'c'),
    attempt: fc.integer({ min: 0, max: 3 }),
    source: fc.constantFrom('callback' as const, 'poll' as const, 'answer' as const),
    status: fc.constantFrom(...messageStatuses),
    at: fc.constantFrom(new Date(0), new Date(1)),
    providerMessageId: fc.constantFrom(null, '7', '8'),
    providerStatus: fc.constantFrom(null, '0', '5'),
  })
  .map((given) => piece({ ...given, isFinal: rankOf({ ...given, isFinal: false }) >= finalRank }));

describe('the rank of evidence', () => {
  it('is that of its status, and final where it ends the message', () => {
    expect(rankOf({ status: 'uncertain', isFinal: false })).toBe(1);
    expect(rankOf({ status: 'uncertain', isFinal: true })).toBe(finalRank);
    expect(rankOf({ status: 'delivered', isFinal: true })).toBe(13);
  });
});

describe('evidence of several messages', () => {
  it('comes to one piece a message, in whatever order it came', () => {
    const shuffled = fc
      .array(anyPiece, { maxLength: 12 })
      .chain((pieces) =>
        fc.tuple(fc.constant(pieces), fc.shuffledSubarray(pieces, { minLength: pieces.length })),
      );
    const byMessage = (pieces: Evidence[]) =>
      Object.fromEntries(
        reduceEvidence(pieces).map((reduced) => [reduced.highest.messageId, reduced.highest]),
      );
    fc.assert(
      fc.property(shuffled, ([pieces, otherwise]) => {
        expect(byMessage(otherwise)).toEqual(byMessage(pieces));
      }),
    );
  });

  it('loses no piece, and mixes no messages', () => {
    fc.assert(
      fc.property(fc.array(anyPiece), (pieces) => {
        const reduced = reduceEvidence(pieces);
        const ids = new Set(pieces.map(({ messageId }) => messageId));
        expect(new Set(reduced.map(({ highest }) => highest.messageId))).toEqual(ids);
        expect(reduced).toHaveLength(ids.size);
        expect(reduced.reduce((sum, { outranked }) => sum + outranked.length + 1, 0)).toBe(
          pieces.length,
        );
        const strays = reduced.flatMap(({ highest, outranked }) =>
          outranked.filter(({ messageId }) => messageId !== highest.messageId),
        );
        expect(strays).toEqual([]);
      }),
    );
  });

  it('keeps equal ids of two tenants apart', () => {
    expect(reduceEvidence([piece(), piece({ tenantId: 'other' })])).toHaveLength(2);
  });

  it('is nothing where there is none', () => {
    expect(reduceEvidence([])).toEqual([]);
  });
});

describe('the highest piece', () => {
  it('is the one of the highest rank', () => {
    expect(
      highestOf(piece(), final({ status: 'failed' }), piece({ status: 'pending' })).status,
    ).toBe('failed');
  });

  it('is delivered by any attempt', () => {
    const delivered = final({ status: 'delivered' });
    expect(highestOf(final({ status: 'rejected', attempt: 2 }), delivered)).toBe(delivered);
  });

  it('is that of the latest attempt among equals, then the first that came', () => {
    const first = final({ status: 'failed', attempt: 2, at: new Date(1) });
    const second = final({ status: 'rejected', attempt: 2, at: new Date(2) });
    expect(highestOf(second, final({ status: 'undelivered' }), first)).toBe(first);
  });

  it('is not the end of an attempt that a later one followed, which would hide the later one', () => {
    const later = piece({ attempt: 2, status: 'pending', providerMessageId: '9' });
    expect(highestOf(final({ status: 'undelivered', attempt: 1 }), later)).toBe(later);
  });

  it('takes over the provider id that only a lower piece of its attempt carries', () => {
    const delivered = final({ status: 'delivered', attempt: 2 });
    expect(highestOf(delivered, piece({ attempt: 2, providerMessageId: '7' }))).toEqual({
      ...delivered,
      providerMessageId: '7',
    });
    expect(highestOf(delivered, piece({ attempt: 1, providerMessageId: '7' }))).toBe(delivered);
    const named = final({ status: 'delivered', providerMessageId: '8' });
    expect(highestOf(named, piece({ providerMessageId: '7' }))).toBe(named);
  });
});
