import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { adminToken } from './configuration.js';
import type { TestDatabase } from './database.js';
import { eventually, freePort } from './gateway.js';

const script = fileURLToPath(new URL('../../dist/apps/gateway/src/main.js', import.meta.url));

/** A gateway as `npm run start:prod` runs it: a process of its own, from the environment alone. */
export interface GatewayProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it wrote to its output and errors so far. */
  output(): string;
  /** Sends a signal and waits for the end; gives the exit code, null after a signal that killed it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface GatewayProcessOptions {
  /** @default the embedded one, in the `DATA_DIRECTORY` of the variables */
  readonly database?: Pick<TestDatabase, 'address'>;
  readonly providerUrl: string;
  readonly port?: number;
  readonly variables?: Readonly<Record<string, string>>;
  /** A command that starts what follows it, such as one that takes rights away first. */
  readonly launcher?: readonly string[];
}

export async function spawnGateway(options: GatewayProcessOptions): Promise<GatewayProcess> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const address = options.database?.address;
  const [program, ...args] = [...(options.launcher ?? []), process.execPath, script];
  const child = spawn(program!, args, {
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      ...(address ? { DATABASE_URL: address.url, DATABASE_OWNER_URL: address.ownerUrl } : {}),
      VIBER_BASE_URL: options.providerUrl,
      PUBLIC_URL: url,
      ADMIN_TOKEN: adminToken,
      MASTER_KEY: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
      PROVIDER_TIMEOUT_MS: '1000',
      LEASE_MS: '3000',
      GRACE_MS: '5000',
      ...options.variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await eventually(
    async () => {
      if (child.exitCode !== null) throw new Error(`the gateway ended: ${text}`);
      return (await fetch(`${url}/health/ready`).catch(() => null))?.ok;
    },
    { withinMs: 30_000, what: 'a gateway that is ready' },
  );
  return {
    url,
    child,
    output: () => text,
    async end(signal) {
      child.kill(signal);
      return exited;
    },
  };
}
