import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SandboxClock } from './clock.js';
import { JournalMemory } from './journal-memory.js';
import { JournalFile } from './journal-file.js';
import { Journal, JournalBroken } from './journal.js';
import { sandboxConfig } from './sandbox.config.js';
import type { SandboxConfig } from './sandbox.config.js';

const clock = new SandboxClock(() => Date.UTC(2026, 0, 2, 3, 4, 5, 678));

function aJournal(options: Partial<SandboxConfig> = {}): Journal {
  return new Journal(sandboxConfig(options), clock);
}

function recordSends(journal: Journal, count: number, body = '{"text":"hello"}'): void {
  for (let index = 0; index < count; index++) {
    journal.record({ kind: 'send', decision: 'accepted', recipient: `38050${index}` }, body);
  }
}

describe('the journal in memory', () => {
  it('gives back what was recorded, numbered from 1 and dated by the clock', () => {
    const journal = aJournal();
    journal.record({ kind: 'send', decision: 'accepted', key: 'K' }, '{"text":"Привіт 🎉"}');
    journal.record({ kind: 'status', decision: 'refused', reason: 'message_id' });
    expect(journal.entries()).toEqual([
      {
        seq: 1,
        at: '2026-01-02T03:04:05.678Z',
        kind: 'send',
        decision: 'accepted',
        key: 'K',
        body: { text: 'Привіт 🎉' },
      },
      {
        seq: 2,
        at: '2026-01-02T03:04:05.678Z',
        kind: 'status',
        decision: 'refused',
        reason: 'message_id',
      },
    ]);
  });

  it('keeps digits of a body that JSON.parse would round', () => {
    const journal = aJournal();
    journal.record({ kind: 'status', decision: 'refused' }, '{"message_id":9007199254740993}');
    expect(journal.page({}).lines[0]!.toString()).toContain(
      '"body":{"message_id":9007199254740993}}\n',
    );
  });

  it('pages by number and filters by what a line says', () => {
    const journal = aJournal();
    recordSends(journal, 10);
    journal.record({ kind: 'callback', decision: 'answered', recipient: '380503' });
    expect(journal.entries({ after: 4, limit: 3 }).map(({ seq }) => seq)).toEqual([5, 6, 7]);
    expect(journal.entries({ recipient: '380503' }).map(({ seq }) => seq)).toEqual([4, 11]);
    expect(journal.entries({ recipient: '380503', kind: 'callback' })).toHaveLength(1);
    expect(journal.page({ after: 4, limit: 3 }).last).toBe(7);
    expect(journal.page({ after: 11 })).toEqual({ lines: [], last: 11 });
  });

  it('looks at a bounded number of lines for a page, and parses only those that may be meant', () => {
    const journal = aJournal();
    recordSends(journal, 60_000);
    const parse = jest.spyOn(JSON, 'parse');
    const first = journal.page({ recipient: '3805055555' });
    expect(first).toEqual({ lines: [], last: 50_000 });
    expect(parse).toHaveBeenCalledTimes(0);
    const second = journal.page({ recipient: '3805055555', after: first.last });
    expect(parse).toHaveBeenCalledTimes(1);
    parse.mockRestore();
    expect(second).toMatchObject({ lines: { length: 1 }, last: 60_000 });
    expect(journal.entries({ recipient: '3805055555' })).toHaveLength(1);
  });

  it('does not take a value that stands elsewhere in a line for the one that is asked for', () => {
    const journal = aJournal();
    journal.record({ kind: 'send', decision: 'accepted', key: '"1"' }, '{"recipient":"1"}');
    expect(journal.entries({ recipient: '1' })).toEqual([]);
    expect(journal.entries({ key: '"1"' })).toHaveLength(1);
  });

  it('holds lines of any length', () => {
    const journal = aJournal();
    recordSends(journal, 3, JSON.stringify({ text: 'ї'.repeat(700_000) }));
    recordSends(journal, 1);
    expect(journal.entries().map(({ body }) => (body as { text: string }).text.length)).toEqual([
      700_000, 700_000, 700_000, 5,
    ]);
  });

  it('forgets the oldest when there are more lines than its limit', () => {
    const journal = aJournal({ journalLimit: 10_000 });
    recordSends(journal, 60_000);
    const kept = journal.entries().map(({ seq }) => seq);
    expect(kept[0]).toBeGreaterThan(1);
    expect(kept[0]).toBe(journal.firstSeq);
    expect(kept.at(-1)).toBe(60_000);
    expect(kept.length).toBe(60_000 - journal.firstSeq + 1);
    expect(kept.length).toBeGreaterThanOrEqual(10_000);
    // Whole chunks of a mebibyte are forgotten, so it keeps some more than it must.
    expect(kept.length).toBeLessThan(25_000);
  });

  it('forgets the oldest when they take more memory than its limit', () => {
    const journal = aJournal({ journalMemoryMib: 2 });
    recordSends(journal, 8, JSON.stringify({ text: 'x'.repeat(600_000) }));
    expect(journal.entries().map(({ seq }) => seq)).toEqual([7, 8]);
  });

  it('holds no more memory than its limit and one chunk, file or no file to take the lines', () => {
    const journal = aJournal({ journalMemoryMib: 2 });
    recordSends(journal, 20, JSON.stringify({ text: 'x'.repeat(600_000) }));
    expect(journal.heldBytes).toBeLessThanOrEqual(3 * 1024 * 1024);
    journal.reset();
    expect(journal.heldBytes).toBeLessThanOrEqual(1024 * 1024);
  });

  it('holds nothing once it was cleared, lines that nobody has filed included', () => {
    const memory = new JournalMemory({ lines: 10, bytes: 1 }, true);
    memory.append(1, 'line');
    memory.clear();
    expect(memory.heldBytes).toBe(0);
  });

  it('is empty after a reset but for the reset, and counts on', () => {
    const journal = aJournal();
    recordSends(journal, 5);
    journal.reset();
    recordSends(journal, 1);
    expect(journal.entries().map(({ seq, kind }) => [seq, kind])).toEqual([
      [6, 'reset'],
      [7, 'send'],
    ]);
  });
});

describe('the journal with a file', () => {
  let folder: string;
  let journalFile: string;
  const inFile = () =>
    readFileSync(journalFile, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).seq);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'journal-'));
    journalFile = join(folder, 'journal.ndjson');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('has written a line when recorded() resolves', async () => {
    const journal = aJournal({ journalFile });
    recordSends(journal, 1);
    expect(inFile()).toEqual([]);
    await journal.recorded();
    expect(inFile()).toEqual([1]);
    journal.close();
  });

  it('writes each line once', async () => {
    const journal = aJournal({ journalFile });
    for (let tick = 0; tick < 3; tick++) {
      recordSends(journal, 1);
      await journal.recorded();
    }
    expect(inFile()).toEqual([1, 2, 3]);
    journal.close();
  });

  it('writes all lines of one tick at once', async () => {
    const journal = aJournal({ journalFile });
    recordSends(journal, 3);
    const first = journal.recorded();
    recordSends(journal, 2);
    expect(journal.recorded()).toBe(first);
    await first;
    expect(inFile()).toEqual([1, 2, 3, 4, 5]);
    journal.close();
  });

  it('keeps in the file what the memory forgets, also at a reset', async () => {
    const journal = aJournal({ journalFile, journalLimit: 1, journalMemoryMib: 1 });
    recordSends(journal, 6, JSON.stringify({ text: 'x'.repeat(400_000) }));
    journal.reset();
    await journal.recorded();
    expect(inFile()).toEqual([1, 2, 3, 4, 5, 6, 7]);
    journal.close();
  });

  it('lets go of what it forgot and has written', async () => {
    const journal = aJournal({ journalFile, journalMemoryMib: 2 });
    for (let tick = 0; tick < 20; tick++) {
      recordSends(journal, 1, JSON.stringify({ text: 'x'.repeat(600_000) }));
      await journal.recorded();
    }
    expect(journal.heldBytes).toBeLessThanOrEqual(3 * 1024 * 1024);
    journal.close();
  });

  it('keeps what a failing write left, and goes on at that very byte', async () => {
    const journal = aJournal({ journalFile });
    recordSends(journal, 2);
    const write = JournalFile.prototype.write;
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    // The disk takes nine bytes of the first line, and then no more until there is room again.
    jest
      .spyOn(JournalFile.prototype, 'write')
      .mockImplementationOnce(function (this: JournalFile, bytes) {
        return write.call(this, bytes.subarray(0, 9));
      })
      .mockImplementationOnce(() => {
        throw full;
      });
    await expect(journal.recorded()).rejects.toBeInstanceOf(JournalBroken);
    expect(readFileSync(journalFile)).toHaveLength(9);
    expect((await journal.broken).message).toBe(
      `The journal ${journalFile} cannot be written (ENOSPC).`,
    );
    recordSends(journal, 1);
    await journal.recorded();
    expect(inFile()).toEqual([1, 2, 3]);
    journal.close();
    jest.restoreAllMocks();
  });

  it('appends to what another run wrote', async () => {
    for (let run = 0; run < 2; run++) {
      const journal = aJournal({ journalFile });
      recordSends(journal, 1);
      journal.close();
    }
    expect(inFile()).toEqual([1, 1]);
  });
});
