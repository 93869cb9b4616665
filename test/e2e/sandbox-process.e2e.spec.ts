import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from '@jest/globals';
import { eventually } from '../support/gateway.js';

const script = fileURLToPath(new URL('../../dist/apps/sandbox/src/main.js', import.meta.url));
let child: ChildProcess | undefined;

afterEach(() => void child?.kill('SIGKILL'));

it('a sandbox that cannot write its journal answers nothing and ends, saying why', async () => {
  const started = spawn(process.execPath, [script], {
    env: { ...process.env, SANDBOX_PORT: '0', SANDBOX_JOURNAL_FILE: '/dev/full' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child = started;
  const ended = once(started, 'exit');
  let said = '';
  for (const output of [started.stdout, started.stderr])
    output.on('data', (bytes: Buffer) => (said += bytes.toString()));
  await eventually(async () => said.includes('listens at'), { withinMs: 20_000 });

  const [url] = /http:\S+(?=,)/.exec(said)!;
  await expect(fetch(`${url}/v1/api/send-viber`, { method: 'POST', body: '{}' })).rejects.toThrow();
  expect(await ended).toEqual([1, null]);
  expect(said).toContain('The journal /dev/full cannot be written (ENOSPC).');
});
