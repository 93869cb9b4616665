import { describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { built } from '../support/root.js';

const log = pathToFileURL(built('apps/gateway/src/platform/logging/standard-output.js')).href;

/** Writes a line, waits for its standard input to end, writes half a megabyte, and ends at once. */
const script = `
  import { standardOutput } from '${log}';
  const out = standardOutput();
  out.write('x'.repeat(5_000) + '\\n');
  process.stdin.resume().once('end', () => {
    for (let n = 0; n < 100; n += 1) out.write('x'.repeat(5_000) + '\\n');
    process.exit(7);
  });
`;

async function start(): Promise<ChildProcessByStdio<Writable, Readable, null>> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'readable');
  return child;
}

async function codeWithin(child: ChildProcess, ms: number): Promise<unknown> {
  const code = await Promise.race([once(child, 'exit').then(([found]) => found), delay(ms)]);
  child.kill('SIGKILL');
  return code;
}

describe('a process that ends', () => {
  it('writes all its lines', async () => {
    const child = await start();
    let bytes = 0;
    child.stdout.on('data', (chunk: Buffer) => (bytes += chunk.length));
    child.stdin.end();
    const closed = once(child, 'close');
    expect(await codeWithin(child, 10_000)).toBe(7);
    await closed;
    expect(bytes).toBe(101 * 5_001);
  });

  it('does not wait for a reader of its log that is gone', async () => {
    const child = await start();
    child.stdout.destroy();
    child.stdin.end();
    expect(await codeWithin(child, 10_000)).toBe(7);
  });
});
