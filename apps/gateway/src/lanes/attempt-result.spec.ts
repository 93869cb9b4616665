import { describe, expect, it } from '@jest/globals';
import {
  ViberBalanceEmpty,
  ViberError,
  ViberNotReached,
  ViberOutcomeUnknown,
  ViberRateLimited,
  ViberRefused,
  ViberUnauthorized,
  ViberWrongAddress,
  type ViberAnswer,
  type ViberNotReachedReason,
  type ViberRateLimit,
  type ViberUnknownReason,
} from '#viber';
import { acceptedResult, failedResult } from './attempt-result.js';

const answer = (given: Partial<ViberAnswer> = {}): ViberAnswer => ({
  httpStatus: 200,
  durationMs: 12.4,
  rawText: '{}',
  deviations: [],
  errorBody: null,
  rateLimit: null,
  ...given,
});

const shown = (rawText: string): unknown =>
  acceptedResult({ ...answer({ rawText }), messageId: '1' }).detail['answer'];

describe('an accepted message', () => {
  it('has the id of the provider, and teaches that all is well', () => {
    expect(
      acceptedResult({ ...answer({ rawText: '{"message_id":429}' }), messageId: '429' }),
    ).toEqual({
      outcome: 'accepted',
      providerMessageId: '429',
      code: null,
      lesson: { kind: 'fine' },
      detail: { http_status: 200, duration_ms: 12, answer: '{"message_id":429}' },
    });
  });

  it('tells where its answer was not quite JSON', () => {
    const deviations = [{ kind: 'lenient_json', detail: 'trailing_comma' }] as const;
    const lenient = { ...answer({ deviations }), messageId: '1' };
    expect(acceptedResult(lenient).detail).toMatchObject({
      deviations: ['lenient_json trailing_comma'],
    });
  });
});

describe('an outcome', () => {
  it.each<[string, ViberError, string, string, string]>([
    ['429', new ViberRateLimited(answer(), null), 'not_sent', 'rate_limited', 'rate_limited'],
    ['402', new ViberBalanceEmpty(answer()), 'not_sent', 'balance_empty', 'balance_empty'],
    ['401 and 403', new ViberUnauthorized(answer()), 'not_sent', 'key_refused', 'key_refused'],
    [
      'a key that no header carries',
      new ViberUnauthorized(null),
      'not_sent',
      'key_refused',
      'key_refused',
    ],
    [
      '404, 405, 3xx',
      new ViberWrongAddress(answer()),
      'not_sent',
      'wrong_address',
      'wrong_address',
    ],
    [
      '400 with a parameter',
      new ViberRefused(answer(), 'text', false),
      'refused',
      'invalid_parameter',
      'fine',
    ],
    ['400 without one', new ViberRefused(answer(), null, false), 'refused', 'refused', 'fine'],
    ['413, 415', new ViberRefused(answer(), null, true), 'refused', 'refused', 'transport_refused'],
  ])('of %s is judged by the table', (_answer, error, outcome, code, lesson) => {
    expect(failedResult(error)).toMatchObject({
      outcome,
      code,
      lesson: { kind: lesson },
      providerMessageId: null,
    });
  });

  it.each<[ViberNotReachedReason, string]>([
    ['dns', 'not_reached'],
    ['connect', 'not_reached'],
    ['tls', 'not_reached'],
    ['timeout', 'not_reached'],
    ['not_allowed', 'not_allowed'],
    ['closed', 'not_allowed'],
  ])('that never reached the provider (%s) was surely not sent', (reason, kind) => {
    const result = failedResult(new ViberNotReached(reason));
    expect(result).toMatchObject({
      outcome: 'not_sent',
      code: kind,
      lesson: { kind },
      detail: { reason },
    });
  });

  it.each<ViberUnknownReason>([
    'timeout',
    'reset',
    'half_answer',
    'server_error',
    'unreadable_answer',
    'answer_too_large',
    'unknown_error_code',
    'unexpected_status',
    'contradictory_answer',
  ])('that nobody knows (%s) stays unknown', (reason) => {
    expect(failedResult(new ViberOutcomeUnknown(reason, null))).toEqual({
      outcome: 'unknown',
      providerMessageId: null,
      code: `unknown_${reason}`,
      lesson: { kind: 'unknown' },
      detail: { reason },
    });
  });

  it("agrees with what the provider's client says is known", () => {
    const errors = [
      new ViberRateLimited(answer(), null),
      new ViberBalanceEmpty(answer()),
      new ViberUnauthorized(null),
      new ViberWrongAddress(answer()),
      new ViberNotReached('dns'),
      new ViberRefused(answer(), null, true),
      new ViberOutcomeUnknown('timeout', answer()),
    ];
    for (const error of errors) expect(failedResult(error).outcome).toBe(error.knowledge);
  });

  it('keeps the code of the system and the parameter for the timeline', () => {
    expect(failedResult(new ViberNotReached('connect', 'ECONNREFUSED')).detail).toEqual({
      reason: 'ECONNREFUSED',
    });
    expect(failedResult(new ViberRefused(answer(), 'image', false)).detail).toMatchObject({
      http_status: 200,
      parameter: 'image',
    });
  });

  it('is not guessed from an error that nobody has judged', () => {
    class Another extends ViberError {
      readonly knowledge = 'unknown';
    }
    const another = new Another('new', null);
    expect(() => failedResult(another)).toThrow(another);
  });
});

describe('a 429', () => {
  const lesson = (rateLimit: ViberRateLimit | null, retryAfterMs: number | null = null) =>
    failedResult(new ViberRateLimited(answer({ rateLimit }), retryAfterMs)).lesson;

  it('teaches how long to wait where the provider says so', () => {
    expect(lesson(null, 3_000)).toEqual({
      kind: 'rate_limited',
      retryAfterMs: 3_000,
      statedLimit: null,
    });
  });

  it('teaches a limit only where its window is a second', () => {
    const stated = (limit: number | null, resetSeconds: number | null) =>
      lesson({ limit, remaining: 0, resetSeconds });
    expect(stated(20, 1)).toMatchObject({ statedLimit: 20 });
    expect(stated(1_200, 60)).toMatchObject({ statedLimit: null });
    expect(stated(20, null)).toMatchObject({ statedLimit: null });
    expect(stated(0, 1)).toMatchObject({ statedLimit: null });
    expect(stated(null, 1)).toMatchObject({ statedLimit: null });
  });
});

describe('an answer in the timeline', () => {
  it.each([
    ['{"phone":"380671234567"}', '{"phone":"…"}'],
    ['+380 67 123-45-67 is unknown', '… is unknown'],
    ['+1 (202) 555.0123', '…'],
    ['2905123', '…'],
    ['https://g.example/callbacks/viber/s/a.b.c.1.k.mac" x', 'https://g.example/callbacks/…" x'],
    [String.raw`\/\/g.example/callbacks/viber/s/a.b\"`, String.raw`\/\/g.example/callbacks/…\"`],
  ])('holds no number and no callback key: %s', (rawText, expected) => {
    expect(shown(rawText)).toBe(expected);
  });

  it.each([
    '{"message_id":123456789012345678}',
    '{"message_id" : "123456789012"}',
    '{"name":"Too Many Requests","message":"Rate limit exceeded.","code":0,"status":429}',
  ])('keeps what tells the outcome: %s', (rawText) => {
    expect(shown(rawText)).toBe(rawText);
  });

  it('masks before it cuts, so that no half of a number is left', () => {
    const text = shown(`${'x'.repeat(494)}380671234567 and more`) as string;
    expect(text).not.toMatch(/\d/);
    expect(text.length).toBeLessThanOrEqual(501);
  });

  it.each(['😀', 'é', '𐍈', '👩‍👩‍👧'])('is never cut in the middle of a character: %s', (character) => {
    for (let before = 490; before <= 500; before += 1) {
      const text = shown(`${'x'.repeat(before)}${character.repeat(9)}`) as string;
      expect(text).not.toMatch(/\p{Surrogate}/u);
      expect([...text].length).toBeLessThanOrEqual(501);
    }
  });

  it.each(['\0', '\ud83d', '\ude00'])('holds nothing that no database takes: %j', (refused) => {
    expect(shown(`a${refused}b`)).toBe('a\ufffdb');
  });

  it('is read in no time, whatever the provider answers', () => {
    const beginMs = performance.now();
    for (const piece of ['9', '+1 ', '+1 (', '/callbacks/', '"message_id" ', '"message_id":"']) {
      shown(piece.repeat(Math.ceil(2_048 / piece.length)));
    }
    expect(performance.now() - beginMs).toBeLessThan(2_000);
  });
});
