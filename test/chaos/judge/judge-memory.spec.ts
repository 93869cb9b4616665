import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../support/root.js';
import { idOf } from './history.fixture.js';
import { textOf } from './histories.js';
import { NdjsonLog } from './ndjson.js';
import type { Judgement } from './verdicts.js';

/** CHAOS_JUDGE_MESSAGES=1000000 tries the promise at its full size: a million messages in less than 500 MB. */
const messages = Number(process.env['CHAOS_JUDGE_MESSAGES'] ?? 200_000);
const mostBytes = 500 * 1024 * 1024;
const run = 'big';
/** One in so many is lost. */
const lostEvery = 10_000;

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tyrian-judge-'));
  execFileSync(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    '-p',
    join(root, 'test/chaos/tsconfig.json'),
  ]);
  write();
}, 300_000);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** As the harness, the sandbox and the database would write them: tries, answers, decisions and rows in any order. */
function write(): void {
  const at = Date.now() - 3_600_000;
  const [clients, journal, database, acts] = ['clients', 'journal', 'database', 'acts'].map(
    (name) => new Lines(join(directory, `${name}.ndjson`)),
  ) as [Lines, Lines, Lines, Lines];
  for (let n = 0; n < messages; n += 1) {
    clients.add({ kind: 'attempt', n, at, mode: 'at_most_once' });
    if (n % 50 === 0) {
      clients.add({ kind: 'told', n, at, status: 503, error: 'database_unavailable', ms: 2_801 });
      clients.add({ kind: 'attempt', n, at, mode: 'at_most_once' });
    }
    clients.add({ kind: 'told', n, at, status: 202, id: idOf(n), ms: 12 });
  }
  for (let n = messages - 1; n >= 0; n -= 1) {
    const text = textOf(run, n);
    const ends = new Date(at + 300).toISOString();
    const sent = {
      seq: n,
      at: new Date(at).toISOString(),
      kind: 'send',
      decision: 'accepted',
      key: 'key-of-a-tenant',
      recipient: '380671234567',
      message_id: String(1_000_000_000 + n),
      fate: 'delivered',
      ends_as: 1,
      ends_at: ends,
      body: { source_addr: 'Tyrian', destination_addr: '380671234567', message_type: 106, text },
    };
    journal.add(sent);
    journal.add({ ...sent, kind: 'callback', decision: 'answered', status: 1, body: undefined });
    if (n % lostEvery !== 0) {
      const history = ['sent', 'delivered'];
      database.add({ id: idOf(n), text, place: 'delivered', marked: false, history });
    }
  }
  acts.add({ at, act: 'kill', target: 'gateway-1', openIds: [idOf(1), idOf(2)] });
  for (const lines of [clients, journal, database, acts]) lines.close();
}

/** Many lines in one write. */
class Lines {
  private waiting: string[] = [];
  private readonly log: NdjsonLog<unknown>;

  constructor(path: string) {
    this.log = new NdjsonLog(path);
  }

  add(entry: unknown): void {
    this.waiting.push(JSON.stringify(entry));
    if (this.waiting.length === 10_000) this.flush();
  }

  close(): void {
    this.flush();
    this.log.close();
  }

  private flush(): void {
    if (this.waiting.length > 0) this.log.write(`${this.waiting.join('\n')}\n`);
    this.waiting = [];
  }
}

describe('the judge of a large run', () => {
  it(`takes less than 500 MB for ${messages} messages, and finds what is lost among them`, async () => {
    const script = join(root, 'dist/chaos/test/chaos/judge/judge-files.js');
    const { stdout } = await promisify(execFile)(process.execPath, [script, run, directory]);
    const { judgement, maxRssBytes } = JSON.parse(stdout) as {
      judgement: Judgement;
      maxRssBytes: number;
    };
    expect(judgement.attempted).toBe(messages);
    expect(judgement.sent).toBe(messages);
    expect(judgement.counts).toEqual({
      LOST: Math.ceil(messages / lostEvery),
      DUPLICATE: 0,
      UNEXPECTED: 0,
      FALSE_UNCERTAIN: 0,
      WRONG: 0,
      UNTOLD: 0,
    });
    expect(maxRssBytes).toBeLessThan(mostBytes);
    console.log(`${messages} messages judged in ${Math.round(maxRssBytes / 1024 / 1024)} MB`);
  }, 300_000);
});
