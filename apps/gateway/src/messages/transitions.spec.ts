import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import {
  finalRank,
  isPossible,
  messageStatuses,
  nextStatuses,
  ranks,
  type MessageStatus,
} from './transitions.js';

const finals = messageStatuses.filter((status) => ranks[status] >= finalRank);

describe('the table of transitions', () => {
  it('knows every status, leads to known ones only, and never to the same', () => {
    expect(Object.keys(nextStatuses).toSorted()).toEqual([...messageStatuses].toSorted());
    for (const [from, to] of Object.entries(nextStatuses)) {
      expect(messageStatuses).toEqual(expect.arrayContaining([...to]));
      expect(to).not.toContain(from);
      expect(new Set(to).size).toBe(to.length);
    }
  });

  it('leaves a final only for delivered; unresolved yields to any final evidence', () => {
    for (const status of finals.filter((final) => final !== 'unresolved')) {
      expect(nextStatuses[status]).toEqual(status === 'delivered' ? [] : ['delivered']);
    }
    expect(nextStatuses.unresolved).toEqual(['delivered', 'undelivered', 'rejected', 'failed']);
  });

  it('lets delivered win over every other status that an attempt may have', () => {
    const unsent = new Set<MessageStatus>(['scheduled', 'delivered']);
    for (const status of messageStatuses.filter((one) => !unsent.has(one))) {
      expect(isPossible(status, 'delivered')).toBe(true);
    }
  });

  it('never cancels or expires what may have been sent', () => {
    for (const from of ['sending', 'sent', 'pending', 'uncertain'] as const) {
      expect(isPossible(from, 'cancelled')).toBe(false);
      expect(isPossible(from, 'expired')).toBe(false);
    }
  });

  it('never goes backwards in rank, but to the queue for another attempt', () => {
    const backwards = messageStatuses.flatMap((from) =>
      nextStatuses[from].filter((to) => ranks[to] < ranks[from]).map((to) => `${from} -> ${to}`),
    );
    expect(backwards).toEqual(['uncertain -> queued']);
  });
});

describe('the ranks', () => {
  it('stand in the same order in SQL', () => {
    const migration = readFileSync(
      new URL('../platform/database/migrations/0001-initial.sql', import.meta.url),
      'utf8',
    );
    const body = /create function status_rank[\s\S]*?\$\$([\s\S]*?)\$\$/.exec(migration)?.[1] ?? '';
    const inSql = Object.fromEntries(
      [...body.matchAll(/when '(\w+)' then (\d+)/g)].map(([, status, rank]) => [
        status,
        Number(rank),
      ]),
    );
    const ranked = Object.entries(ranks).filter(([, rank]) => rank > 0);
    expect(inSql).toEqual(Object.fromEntries(ranked));
  });
});
