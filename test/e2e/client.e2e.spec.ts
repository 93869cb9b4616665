import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createSandbox, recipientFor, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  call,
  createTenant,
  eventually,
  freePort,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';
import { root } from '../support/root.js';

const run = promisify(execFile);
const library = join(root, 'libs/client');

let database: TestDatabase;
let sandbox: Sandbox;
let gateway: TestGateway;
let tenant: TestTenant;
/** A project of somebody who has nothing but the package. */
let project: string;
let running: ChildProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
  gateway = await startGateway({ database, providerUrl: sandbox.url });
  project = await mkdtemp(join(tmpdir(), 'tyrian-client-'));
  const npm = (...args: string[]) =>
    run('npm', [...args, '--offline', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: project,
    });
  await npm('pack', library);
  await writeFile(join(project, 'package.json'), '{ "name": "fresh", "private": true }');
  const packed = (await readdir(project)).find((file) => file.endsWith('.tgz')) as string;
  await npm('install', `./${packed}`);
}, 120_000);

afterEach(() => {
  for (const child of running) killAll(child);
  running = [];
});

afterAll(async () => {
  await gateway?.close();
  await sandbox?.close();
  await database?.drop();
  await rm(project, { recursive: true, force: true });
});

/** What a program of the project finds in its environment. */
async function environment(): Promise<NodeJS.ProcessEnv> {
  tenant = await createTenant(gateway);
  return { ...process.env, TYRIAN_URL: gateway.url, TYRIAN_API_KEY: tenant.apiKey };
}

async function runScript(name: string, code: string, env?: NodeJS.ProcessEnv): Promise<string> {
  await writeFile(join(project, name), code);
  const { stdout } = await run(process.execPath, [name], {
    cwd: project,
    env: env ?? (await environment()),
    timeout: 30_000,
  });
  return stdout;
}

/** A program without an end, and what it has printed so far. */
async function start(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ child: ChildProcess; output: () => string }> {
  const child = spawn(command, args, {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A shell has children.
    detached: true,
  });
  running.push(child);
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (printed += text));
  return { child, output: () => printed };
}

function killAll({ pid, exitCode, signalCode }: ChildProcess): void {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGKILL');
}

async function stopped(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('close', resolve));
  killAll(child);
  await ended;
}

async function examplesOf(file: string, language: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  return [...text.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, code]) => code as string,
  );
}

const journey = `
  const tyrian = new Tyrian({ baseUrl: process.env.TYRIAN_URL, apiKey: process.env.TYRIAN_API_KEY });
  const { id } = await tyrian.send({ recipient: '+380671234567', text: 'Hello' });
  const final = await tyrian.waitForFinal(id);
  const refused = await tyrian.send({ recipient: 'nobody', text: 'Hello' }).catch((error) => error);
  const types = [];
  for await (const { events } of tyrian.follow()) {
    types.push(...events.filter(({ data }) => data.id === id).map(({ type }) => type));
    if (types.includes('message.delivered')) break;
  }
  console.log(final.status, refused instanceof InvalidRequest, types.join());
`;
/** A callback may be faster than the answer. */
const arrived = /^delivered true message\.queued,(message\.sent,)?message\.delivered\n$/;

describe('the package of npm pack, in a fresh project without a network', () => {
  it('holds what it needs and nothing else, and asks for no other package', async () => {
    const installed = join(project, 'node_modules');
    expect((await readdir(installed)).filter((name) => !name.startsWith('.'))).toEqual([
      'tyrian-client',
    ]);
    const files = (await readdir(join(installed, 'tyrian-client'), { recursive: true })).filter(
      (file) => /\.\w+$/.test(file),
    );
    expect(files.filter((file) => !/^dist\/.*\.(js|d\.ts|json)$/.test(file)).sort()).toEqual([
      'README.md',
      'package.json',
    ]);
    expect(files.filter((file) => /spec/.test(file))).toEqual([]);
  });

  it('works with import', async () => {
    const code = `import { InvalidRequest, Tyrian } from 'tyrian-client';${journey}`;
    expect(await runScript('with-import.mjs', code)).toMatch(arrived);
  });

  it('works with require', async () => {
    const code = `const { InvalidRequest, Tyrian } = require('tyrian-client');
      (async () => {${journey}})();`;
    expect(await runScript('with-require.cjs', code)).toMatch(arrived);
  });

  it('uses nothing that Node alone has', async () => {
    // Node's own fetch needs Node: the client's code alone runs in a world of the web's globals.
    const code = `
      const { readFileSync } = require('node:fs');
      const { dirname, join } = require('node:path');
      const { createContext, runInContext } = require('node:vm');
      const globals = { atob, crypto, fetch, setTimeout, clearTimeout, AbortController, Headers, TextDecoder, TextEncoder, URLSearchParams };
      const world = createContext(globals);
      const modules = new Map();
      function load(file) {
        if (modules.has(file)) return modules.get(file).exports;
        const module = { exports: {} };
        modules.set(file, module);
        const run = runInContext('(function (exports, module, require) {' + readFileSync(file, 'utf8') + '})', world);
        run(module.exports, module, (name) => load(join(dirname(file), name)));
        return module.exports;
      }
      const { Tyrian, verifyWebhook } = load(require.resolve('tyrian-client'));
      const { TYRIAN_URL: baseUrl, TYRIAN_API_KEY: apiKey } = process.env;
      (async () => {
        const tyrian = new Tyrian({ baseUrl, apiKey });
        const { id } = await tyrian.send({ recipient: '+380671234567', text: 'Hello' });
        const { status } = await tyrian.waitForFinal(id);
        const headers = new Headers({ 'webhook-id': 'evt_1', 'webhook-timestamp': '1', 'webhook-signature': 'v1,AAAA' });
        const refused = await verifyWebhook({ secret: 'whsec_AAAA', headers, body: '', nowMs: 1000 }).catch((error) => error.message);
        console.log(status, refused);
      })();`;
    expect(await runScript('as-a-browser.cjs', code)).toBe(
      'delivered The webhook is refused: no signature is right.\n',
    );
  });

  it('has types for both', async () => {
    const typed = (first: string): string => `${first}
      const client = new Tyrian({ baseUrl: 'http://127.0.0.1', apiKey: 'key' });
      export async function status(id: string): Promise<MessageStatus> {
        // @ts-expect-error: a message has a recipient
        await client.send({ text: 'Hello' });
        // @ts-expect-error: there is no such operation
        client.list('listNothing');
        for await (const { events } of client.follow())
          for (const event of events)
            if (event.type === 'account.paused') return event.data.reason as MessageStatus;
            else if (event.type === 'message.delivered') return event.data.previous_status ?? 'queued';
        for await (const account of client.list('listAccounts')) account.name satisfies string;
        return (await client.get(id)).status;
      }`;
    const names = '{ Tyrian, type MessageStatus }';
    await writeFile(join(project, 'typed.mts'), typed(`import ${names} from 'tyrian-client';`));
    await writeFile(join(project, 'typed.cts'), typed(`import ${names} from 'tyrian-client';`));
    const options = '--noEmit --strict --module nodenext --target es2022 --lib es2022,dom';
    await run(
      process.execPath,
      [
        join(root, 'node_modules/typescript/lib/tsc.js'),
        ...options.split(' '),
        'typed.mts',
        'typed.cts',
      ],
      { cwd: project },
    );
  });
});

describe("the examples of the client's README run as printed", () => {
  async function example(part: string): Promise<string> {
    const examples = await examplesOf(join(library, 'README.md'), 'js');
    return examples.find((code) => code.includes(part)) as string;
  }

  it('sending', async () => {
    expect(await runScript('sending.mjs', await example('sendBatch'))).toMatch(
      /^delivered\nmsg_\w+, invalid_request\n$/,
    );
  });

  it('reading', async () => {
    const env = await environment();
    await runScript('sending.mjs', await example('sendBatch'), env);
    const lines = (await runScript('reading.mjs', await example('listAccounts'), env)).split('\n');
    expect(lines[0]).toMatch(/^msg_\w+ \+380501234567$/);
    expect(lines).toContain('Test account active');
  });

  it('following', async () => {
    const env = await environment();
    await runScript('sending.mjs', await example('sendBatch'), env);
    const lines = (await runScript('following.mjs', await example('tyrian.follow'), env)).split(
      '\n',
    );
    expect(lines[0]).toBe('delivered order-10042');
  });

  it('errors', async () => {
    const env = await environment();
    await call(gateway, 'PATCH', `/v1/accounts/${tenant.accountId}`, {
      token: tenant.apiKey,
      body: { senders: ['Tyrian'] },
      expect: 200,
    });
    expect(await runScript('errors.mjs', await example('SenderNotAllowed'), env)).toBe(
      'not our sender: /sender\n',
    );
  });

  it('webhooks', async () => {
    const port = await freePort();
    const secret = Buffer.alloc(24, 7).toString('base64');
    await writeFile(join(project, 'webhooks.mjs'), await example('createServer'));
    const { output } = await start(process.execPath, ['webhooks.mjs'], {
      ...process.env,
      WEBHOOK_SECRET: `whsec_${secret}`,
      PORT: String(port),
    });
    const body = '{"type":"message.delivered","timestamp":"2026-03-01T09:00:00.000Z","data":{}}';
    const at = String(Math.floor(Date.now() / 1_000));
    const signature = createHmac('sha256', Buffer.from(secret, 'base64'))
      .update(`evt_1.${at}.${body}`)
      .digest('base64');
    const deliver = async (signature: string): Promise<number> => {
      const response = await fetch(`http://127.0.0.1:${port}`, {
        method: 'POST',
        headers: {
          'webhook-id': 'evt_1',
          'webhook-timestamp': at,
          'webhook-signature': `v1,${signature}`,
        },
        body,
      });
      return response.status;
    };
    await eventually(async () => (await deliver(signature).catch(() => 0)) === 204);
    expect(await deliver(signature.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')))).toBe(400);
    expect(output()).toContain('evt_1 message.delivered');
  });
});

describe('the ten lines of the README', () => {
  const orders = async (): Promise<number> =>
    (
      await database.query('select from messages where tenant_id = $1', [
        (await database.query<{ id: string }>('select id from tenants order by id desc limit 1'))[0]
          ?.id,
      ])
    ).length;

  /** Whether nothing has happened behind the cursor that is kept; an empty one stands before everything. */
  async function isAtTheEnd(cursorFile: string): Promise<boolean> {
    const cursor = await readFile(join(project, cursorFile), 'utf8').catch(() => '');
    const { data } = await call<{ data?: unknown[] }>(
      gateway,
      'GET',
      `/v1/events?after=${encodeURIComponent(cursor.trim())}`,
      { token: tenant.apiKey },
    );
    return data?.length === 0;
  }

  /** Runs it, kills it when it has told of the end, and runs it again: it goes on, and tells nothing twice. */
  async function lives(
    command: string,
    args: readonly string[],
    cursorFile: string,
    line: RegExp,
  ): Promise<void> {
    await rm(join(project, cursorFile), { force: true });
    const env = await environment();
    const first = await start(command, args, env);
    await eventually(async () => line.test(first.output()), { withinMs: 20_000, what: 'the end' });
    await eventually(() => isAtTheEnd(cursorFile), { what: 'a cursor that is kept' });
    await stopped(first.child);
    const second = await start(command, args, env);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await call(gateway, 'POST', '/v1/messages', {
      token: tenant.apiKey,
      // An early end of it would be taken for that of the order.
      body: {
        recipient: `+${recipientFor('late')}`,
        text: 'Next',
        client_reference: 'another',
      },
      expect: 202,
    });
    await eventually(async () => second.output().includes('another'), { withinMs: 20_000 });
    expect(second.output()).not.toMatch(line);
    expect(await orders()).toBe(2);
  }

  it('with the client', async () => {
    const [code] = await examplesOf(join(root, 'README.md'), 'js');
    await writeFile(join(project, 'backend.mjs'), code as string);
    await lives(process.execPath, ['backend.mjs'], 'cursor.txt', /^message\.delivered order-1$/m);
  });

  it('with curl and the feed', async () => {
    const code = (await examplesOf(join(root, 'README.md'), 'sh')).find((one) =>
      one.includes('/events?'),
    );
    await writeFile(join(project, 'backend.sh'), code as string);
    await lives(
      'bash',
      ['backend.sh'],
      'cursor',
      /"message\.delivered"\n"client_reference":"order-2"|"client_reference":"order-2"[\s\S]*"message\.delivered"/,
    );
  });
});
