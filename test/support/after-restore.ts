import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { DatabaseAddress } from '../../apps/gateway/src/platform/database/index.js';
import { built } from './root.js';
import { adminToken, masterKey } from './secrets.js';

const script = built('apps/gateway/src/after-restore.js');

type Address = Pick<DatabaseAddress, 'url' | 'ownerUrl'>;

export interface AfterRestoreOutcome {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface RunningAfterRestore {
  readonly child: ChildProcess;
  readonly ended: Promise<AfterRestoreOutcome>;
}

/** `npm run after-restore`, as an operator runs it. */
export function startAfterRestore(
  { url, ownerUrl }: Address,
  ...args: string[]
): RunningAfterRestore {
  const child = spawn(process.execPath, [script, ...args], {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'test',
      DATABASE_URL: url,
      DATABASE_OWNER_URL: ownerUrl,
      VIBER_BASE_URL: 'http://127.0.0.1:9',
      ADMIN_TOKEN: adminToken,
      MASTER_KEY: masterKey,
      PROVIDER_TIMEOUT_MS: '1000',
      LEASE_MS: '3000',
      GRACE_MS: '5000',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { output: '', errors: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.errors += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...text }));
  return { child, ended };
}

/** The same, to its end. */
export function afterRestore(address: Address, ...args: string[]): Promise<AfterRestoreOutcome> {
  return startAfterRestore(address, ...args).ended;
}
