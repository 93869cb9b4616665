import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/ports.js';

const launcher = fileURLToPath(new URL('../../tools/first-run.mjs', import.meta.url));
const receiver = fileURLToPath(new URL('../../tools/webhook-receiver.mjs', import.meta.url));
const demo = fileURLToPath(new URL('../../tools/demo.mjs', import.meta.url));

interface FirstRun {
  readonly base_url: string;
  readonly tenant_id: string;
  readonly account_id: string;
  readonly api_key: string;
  readonly admin_token: string;
  readonly sandbox_url: string;
}

describe('npm start', () => {
  let folder: string;
  let port: number;
  let launched: Launched | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tyrian-start-'));
    port = await freePort();
    launched = await launch();
  }, 60_000);

  afterAll(async () => {
    await launched?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('prints a curl line that sends a message, which is delivered', async () => {
    const line = /^curl .*$/m.exec(running().output())?.[0] ?? '';
    const accepted = JSON.parse(await shell(line)) as { id: string; status: string };
    expect(accepted.status).toBe('queued');
    expect(await fateOf(accepted.id)).toBe('delivered');
  });

  it('prints a second line that shows the latest message and its timeline', async () => {
    const line = /^MESSAGE=.*$/m.exec(running().output())?.[0] ?? '';
    const shown = await shell(line);
    expect(shown).toContain('"status":"delivered"');
    expect(shown).toContain('accepted');
  });

  it('prints a line that shows a signed webhook arriving at a receiver', async () => {
    const line = /^npm run -s webhook-receiver -- (--once)$/m.exec(running().output());
    const { status, output } = await runToEnd(receiver, folder, {}, [line?.[1] ?? 'absent']);
    expect(output).toMatch(/^Verified {3}evt_\w+ message\.delivered msg_\w+ sent > delivered$/m);
    expect(output).not.toContain('REFUSED');
    expect(status).toBe(0);
    // It leaves nothing behind.
    expect(await call('/v1/webhook-endpoints')).toEqual({ data: [], next_cursor: null });
  }, 90_000);

  it('writes all that a program needs to a file that we alone can read', () => {
    const { base_url: baseUrl, ...rest } = firstRun();
    expect(baseUrl).toBe(`http://127.0.0.1:${port}`);
    expect(rest).toEqual({
      tenant_id: expect.stringMatching(/^ten_/),
      account_id: expect.stringMatching(/^acc_/),
      api_key: expect.stringMatching(/^tyr_live_/),
      admin_token: expect.stringMatching(/^.{32,}$/),
      sandbox_url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    });
    expect(statSync(join(folder, '.data', 'first-run.json')).mode & 0o777).toBe(0o600);
  });

  it('shows each fate with npm run demo', async () => {
    const { status, output } = await runToEnd(demo, folder);
    for (const fate of [
      'delivered',
      'undelivered',
      'rejected',
      'uncertain',
      'expired',
      'cancelled',
    ]) {
      expect(output).toMatch(new RegExp(`\\b${fate}\\b`));
    }
    expect(status).toBe(0);
  }, 120_000);

  it('says in one sentence that the port is in use', async () => {
    const { status, output } = await runToEnd(launcher, folder, { PORT: String(port) });
    expect(output).toMatch(/^Port \d+ is in use: stop .*\n$/);
    expect(status).toBe(1);
  });

  it('keeps data and keys for the next start, and leaves no process behind', async () => {
    const before = firstRun();
    const { id } = await call<{ data: { id: string }[] }>('/v1/messages?limit=1').then(
      ({ data }) => data[0] as { id: string },
    );
    expect(await running().stop()).toBe(0);
    expect(processesIn(folder)).toEqual([]);

    launched = await launch();
    expect(firstRun()).toEqual({ ...before, sandbox_url: firstRun().sandbox_url });
    expect(await call(`/v1/messages/${id}`)).toMatchObject({ id });
  }, 60_000);

  it('takes its children and the database with it when it is killed', async () => {
    running().kill();
    const deadline = performance.now() + 40_000;
    while (processesIn(folder).length > 0 && performance.now() < deadline) await delay(100);
    expect(processesIn(folder)).toEqual([]);

    launched = await launch();
    expect((await fetch(`${firstRun().base_url}/health/ready`)).status).toBe(200);
  }, 90_000);

  function running(): Launched {
    if (launched === undefined) throw new Error('It did not start.');
    return launched;
  }

  async function launch(): Promise<Launched> {
    return Launched.start(folder, { PORT: String(port), SANDBOX_PORT: String(await freePort()) });
  }

  function firstRun(): FirstRun {
    return JSON.parse(readFileSync(join(folder, '.data', 'first-run.json'), 'utf8')) as FirstRun;
  }

  async function call<T>(path: string): Promise<T> {
    const { base_url: baseUrl, api_key: key } = firstRun();
    const response = await fetch(`${baseUrl}${path}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return (await response.json()) as T;
  }

  async function fateOf(id: string): Promise<string> {
    for (;;) {
      const message = await call<{ status: string; is_final: boolean }>(`/v1/messages/${id}`);
      if (message.is_final) return message.status;
      await delay(50);
    }
  }
});

describe('npm start and npm run demo say in one sentence', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tyrian-broken-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['SANDBOX_PORT is no number', { SANDBOX_PORT: 'abc' }, /^SANDBOX_PORT must be a whole number/],
    ['SANDBOX_PORT is too large', { SANDBOX_PORT: '99999' }, /^SANDBOX_PORT must be a whole num/],
    ['HOST is not this machine', { HOST: '192.0.2.1' }, /^HOST 192\.0\.2\.1 is no address of/],
  ])('that %s', async (_, env, sentence) => {
    const port = String(await freePort());
    const { status, output } = await runToEnd(launcher, folder, { PORT: port, ...env });
    expect(output).toMatch(sentence);
    expect(output.trimEnd().split('\n')).toHaveLength(1);
    expect(status).toBe(1);
  });

  it.each([
    ['npm start', launcher],
    ['npm run demo', demo],
  ])(
    'that .env, or the record in the DATA_DIRECTORY that it names, is unreadable: %s',
    async (_, script) => {
      const env = { PORT: String(await freePort()) };
      mkdirSync(join(folder, '.env'));
      expect(await runToEnd(script, folder, env)).toEqual({
        status: 1,
        output: '.env in the working directory cannot be read (EISDIR).\n',
      });
      rmdirSync(join(folder, '.env'));
      writeFileSync(join(folder, '.env'), 'DATA_DIRECTORY=elsewhere\n');
      mkdirSync(join(folder, 'elsewhere', 'first-run.json'), { recursive: true });
      const { status, output } = await runToEnd(script, folder, env);
      expect(output).toMatch(/^elsewhere\/first-run\.json cannot be read \(EISDIR\): .*\n$/);
      expect(status).toBe(1);
    },
  );
});

/** A run of `npm start`, less npm. */
class Launched {
  private text = '';

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.text += text));
    }
  }

  static async start(folder: string, env: Record<string, string>): Promise<Launched> {
    const launched = new Launched(spawnNode(launcher, folder, env));
    while (!launched.text.includes('Ctrl-C stops everything')) {
      if (launched.child.exitCode !== null) throw new Error(launched.text);
      await delay(25);
    }
    return launched;
  }

  output(): string {
    return this.text;
  }

  /** As Ctrl-C does. @returns the exit status */
  async stop(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGINT');
      await once(this.child, 'exit');
    }
    return this.child.exitCode;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

function spawnNode(
  script: string,
  cwd: string,
  env: Record<string, string> = {},
  args: readonly string[] = [],
): ChildProcess {
  const { PATH } = process.env;
  return spawn(process.execPath, [script, ...args], {
    cwd,
    env: { PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function runToEnd(
  script: string,
  cwd: string,
  env?: Record<string, string>,
  args?: readonly string[],
): Promise<{ status: number | null; output: string }> {
  const child = spawnNode(script, cwd, env, args);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output };
}

async function shell(line: string): Promise<string> {
  const child = spawn('sh', ['-c', line], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child, 'close');
  return output;
}

/** Processes that run in this folder or below it: ours, and no other test's. */
function processesIn(folder: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch {
        return false;
      }
    })
    .filter((pid) => existsSync(`/proc/${pid}/exe`))
    .map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
}
