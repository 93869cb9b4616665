import { describe, expect, it } from '@jest/globals';
import {
  constraintOf,
  isConnectionLoss,
  isLockTimeout,
  isOneRowsFault,
  isPoolClosed,
  isWorthRepeating,
  sqlStateOf,
} from './sql-state.js';

const coded = (code: string): Error => Object.assign(new Error('failed'), { code });

describe('the SQLSTATE of an error', () => {
  it('is that of PostgreSQL, and none of the codes that Node gives', () => {
    expect(sqlStateOf(coded('23505'))).toBe('23505');
    expect(sqlStateOf(coded('XX000'))).toBe('XX000');
    for (const error of [
      coded('EPIPE'),
      coded('EPERM'),
      coded('ECONNRESET'),
      coded('2350'),
      new Error('23505'),
    ]) {
      expect(sqlStateOf(error)).toBeNull();
    }
    for (const nothing of [null, undefined, 'text', { code: 23505 }])
      expect(sqlStateOf(nothing)).toBeNull();
  });
});

describe('a lost connection', () => {
  it.each(['08000', '08006', '53100', '53300', '57P01', '57P02', '57P03', '25P03', '25006'])(
    'is told by %s',
    (code) => {
      expect(isConnectionLoss(coded(code))).toBe(true);
    },
  );

  it.each([
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'ENOTFOUND',
    'EAI_AGAIN',
    'ECONNABORTED',
  ])('is told by %s', (code) => {
    expect(isConnectionLoss(coded(code))).toBe(true);
  });

  // Every text of pg and pg-pool that tells of a connection, as of pg 8.
  it.each([
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'Cannot use a pool after calling end on the pool',
  ])('is told by "%s"', (text) => {
    expect(isConnectionLoss(new Error(text))).toBe(true);
  });

  it('is one where all addresses refuse', () => {
    expect(
      isConnectionLoss(new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')])),
    ).toBe(true);
    expect(isConnectionLoss(new AggregateError([new Error('other')]))).toBe(false);
  });

  it('is none where the server has answered and rolled back', () => {
    for (const code of ['57014', '40001', '40P01', '55P03', '22P02', '23505', '25P02', '42P01']) {
      expect(isConnectionLoss(coded(code))).toBe(false);
    }
    for (const other of [null, undefined, 'Connection terminated', new Error('other')]) {
      expect(isConnectionLoss(other)).toBe(false);
    }
  });
});

describe('what to do about an error', () => {
  it('is known for one class only', () => {
    const codes = [
      '40001',
      '40P01',
      '57014',
      '55P03',
      '22021',
      '22P05',
      '23503',
      '08006',
      '57P01',
      '42601',
    ];
    const kinds = codes.map((code) => {
      const error = coded(code);
      if (isWorthRepeating(error)) return 'repeat';
      if (isLockTimeout(error)) return 'lock';
      if (isOneRowsFault(error)) return 'row';
      return isConnectionLoss(error) ? 'loss' : 'other';
    });
    expect(kinds).toEqual([
      'repeat',
      'repeat',
      'repeat',
      'lock',
      'row',
      'row',
      'row',
      'loss',
      'loss',
      'other',
    ]);
  });

  it('finds the row that waits for a lock by halving, as one with a bad value', () => {
    expect(isOneRowsFault(coded('55P03'))).toBe(true);
  });

  it('is nothing where we closed the pool', () => {
    expect(isPoolClosed(new Error('Cannot use a pool after calling end on the pool'))).toBe(true);
    expect(isPoolClosed(new Error('Connection terminated'))).toBe(false);
    expect(isPoolClosed(null)).toBe(false);
  });

  it('may depend on the constraint', () => {
    expect(constraintOf(Object.assign(coded('23503'), { constraint: 'lanes_fkey' }))).toBe(
      'lanes_fkey',
    );
    expect(constraintOf(coded('23503'))).toBeNull();
    expect(constraintOf(null)).toBeNull();
  });
});
