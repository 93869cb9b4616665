import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { adminToken } from './configuration.js';
import { eventually, freePort } from './gateway.js';

export interface Ended {
  readonly code: number | null;
  /** What it wrote to its output and errors. */
  readonly output: string;
  readonly errors: string;
}

/** A built program of the gateway as a process of its own. */
export interface Program {
  readonly child: ChildProcess;
  output(): string;
  /** Waits until it has said so. */
  says(words: string): Promise<void>;
  readonly ended: Promise<Ended>;
}

const PATIENCE_MS = 30_000;

/** Runs `main` or another entry in production, with what it requires and the variables on top. */
export async function startProgram(
  name: 'main' | 'migrate',
  variables: Readonly<Record<string, string>>,
): Promise<Program> {
  const script = new URL(`../../dist/apps/gateway/src/${name}.js`, import.meta.url);
  const port = String(await freePort());
  const child = spawn(process.execPath, [fileURLToPath(script)], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: port,
      VIBER_BASE_URL: 'http://127.0.0.1:9',
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      ADMIN_TOKEN: adminToken,
      MASTER_KEY: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.on('data', (text: string) => (errors += text));
  const ended = once(child, 'close').then(([code]) => ({
    code: code as number | null,
    output,
    errors,
  }));
  return {
    child,
    output: () => output,
    says: async (words) => {
      await eventually(async () => output.includes(words) || child.exitCode !== null, {
        withinMs: PATIENCE_MS,
        what: `"${words}" in ${output}`,
      });
      if (!output.includes(words)) throw new Error(`It ended without "${words}": ${output}`);
    },
    ended,
  };
}

/** For one that is expected to end by itself; one that does not is killed, which gives the code null. */
export async function runToEnd(
  name: 'main' | 'migrate',
  variables: Readonly<Record<string, string>>,
): Promise<Ended> {
  const program = await startProgram(name, variables);
  const timer = setTimeout(() => program.child.kill('SIGKILL'), PATIENCE_MS);
  const ended = await program.ended;
  clearTimeout(timer);
  return ended;
}
