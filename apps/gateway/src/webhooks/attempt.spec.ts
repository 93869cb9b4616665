import { describe, expect, it } from '@jest/globals';
import { attemptOf } from './attempt.js';

const now = Date.parse('2026-03-01T09:00:00Z');

function answered(status: number, retryAfter: string | null = null, body = 'ok') {
  return attemptOf({ kind: 'answered', status, retryAfter, body: Buffer.from(body) }, 87, now);
}

describe('an attempt', () => {
  it.each([200, 201, 202, 204, 299])('went well with %s', (status) => {
    expect(answered(status)).toMatchObject({ delivered: true, error: null, httpStatus: status });
  });

  it.each([301, 302, 303, 307, 308])('failed with the redirect %s', (status) => {
    expect(answered(status)).toMatchObject({ delivered: false, error: 'redirect' });
  });

  it.each([400, 404, 410, 429, 500, 502, 503, 504])('failed with %s', (status) => {
    expect(answered(status)).toMatchObject({ delivered: false, error: 'http_status' });
  });

  it('ends the endpoint with 410 alone', () => {
    expect(answered(410).isGone).toBe(true);
    expect(answered(404).isGone).toBe(false);
  });

  it.each([429, 502, 504])('leaves an endpoint alone that answers %s', (status) => {
    expect(answered(status).pauseMs).toBe(30_000);
  });

  it('leaves an endpoint alone for as long as it asks, a day at most', () => {
    expect(answered(503, '120').pauseMs).toBe(120_000);
    expect(answered(429, '1').pauseMs).toBe(1_000);
    expect(answered(500, 'Sun, 01 Mar 2026 09:05:00 GMT').pauseMs).toBe(300_000);
    expect(answered(500, 'Sun, 01 Mar 2026 08:05:00 GMT').pauseMs).toBe(0);
    expect(answered(503, '999999999').pauseMs).toBe(86_400_000);
    expect(answered(503, 'soon').pauseMs).toBeNull();
    expect(answered(200, '120').pauseMs).toBeNull();
  });

  it('that had no answer says why', () => {
    expect(attemptOf({ kind: 'failed', reason: 'timeout' }, 15_000, now)).toEqual({
      delivered: false,
      httpStatus: null,
      error: 'timeout',
      durationMs: 15_000,
      answer: null,
      isGone: false,
      pauseMs: null,
    });
    expect(attemptOf({ kind: 'refused', reason: 'metadata_address' }, 1, now)).toMatchObject({
      delivered: false,
      error: 'metadata_address',
    });
  });

  it('keeps of the answer what can be stored', () => {
    expect(answered(500, null, 'a\0b').answer).toBe('a\ufffdb');
  });
});
