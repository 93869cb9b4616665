import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseAddress } from '../../apps/gateway/src/platform/database/index.js';
import { eventually } from './eventually.js';
import { freePort } from './ports.js';
import { built, root } from './root.js';
import { calmTimes } from './provider-times.js';
import { adminToken, masterKey } from './secrets.js';

const script = built('apps/gateway/src/main.js');
/** A test run that is killed leaves no gateway behind. */
const exitWithParent = join(root, 'tools/first-run/exit-with-parent.mjs');

const outputKept = 4 * 1024 * 1024;

/** A gateway as `npm run start:prod` runs it: a process of its own, from the environment alone. */
export interface GatewayProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Settles with the exit code, null after a signal that killed it. */
  readonly exited: Promise<number | null>;
  /** What it wrote to its output and errors so far. */
  output(): string;
  /** Sends a signal and waits for the end; gives the exit code, null after a signal that killed it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface GatewayProcessOptions {
  /** @default the embedded one, in the `DATA_DIRECTORY` of the variables */
  readonly database?: { readonly address: Pick<DatabaseAddress, 'url' | 'ownerUrl'> };
  readonly providerUrl: string;
  readonly port?: number;
  readonly variables?: Readonly<Record<string, string>>;
  /** A command that starts what follows it, such as one that takes rights away first. */
  readonly launcher?: readonly string[];
  /** Where its output is appended to as well. */
  readonly logFile?: string;
}

export async function spawnGateway(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const address = options.database?.address;
  const command = [process.execPath, '--import', exitWithParent, script];
  const [program = process.execPath, ...args] = [...(options.launcher ?? []), ...command];
  const child = spawn(program, args, {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      ...(address ? { DATABASE_URL: address.url, DATABASE_OWNER_URL: address.ownerUrl } : {}),
      VIBER_BASE_URL: options.providerUrl,
      PUBLIC_URL: url,
      ADMIN_TOKEN: adminToken,
      MASTER_KEY: masterKey,
      ...calmTimes,
      ...options.variables,
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let text = '';
  const log = options.logFile ? createWriteStream(options.logFile, { flags: 'a' }) : null;
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-outputKept);
      log?.write(chunk);
    });
  }
  child.once('close', () => log?.end());
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await becomeReady(child, url, () => text);
  return {
    url,
    child,
    exited,
    output: () => text,
    async end(signal) {
      child.kill(signal);
      return exited;
    },
  };
}

async function becomeReady(child: ChildProcess, url: string, output: () => string): Promise<void> {
  try {
    await eventually(
      async () => {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`the gateway ended: ${output()}`);
        return (await fetch(`${url}/health/ready`).catch(() => null))?.ok;
      },
      { withinMs: 60_000, what: 'a gateway that is ready' },
    );
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}
