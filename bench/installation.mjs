// An installation to measure: PostgreSQL, the journalling sandbox and the gateway, each a process of its own, with one tenant
// and one account.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startMigratedDatabase } from '../tools/support/migrated-database.mjs';

const adminToken = 'bench-admin-token-0123456789abcdef0123456789';
const root = new URL('..', import.meta.url).pathname;
const gatewayUrl = 'http://127.0.0.1:18080';
const sandboxUrl = 'http://127.0.0.1:18090';
const children = [];

function run(script, env, { capture = false } = {}) {
  const child = spawn(process.execPath, [join(root, script)], {
    env: { ...process.env, ...env },
    stdio: ['ignore', capture ? 'pipe' : 'ignore', 'inherit'],
  });
  children.push(child);
  return child;
}

async function ready(url) {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await fetch(url).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} is not ready`);
}

async function call(method, path, token, body) {
  const answer = await fetch(gatewayUrl + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function output(child) {
  let text = '';
  child.stdout.on('data', (chunk) => (text += chunk));
  await new Promise((resolve) => child.once('exit', resolve));
  return text;
}

async function stop(child) {
  if (child.exitCode !== null) return;
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
}

/** The superuser's URL names the cluster's own database. */
function databaseOf(url) {
  return Object.assign(new URL(url), { pathname: 'bench' }).href;
}

/** Starts it, has it measured, and ends it. */
export async function withInstallation(measure, variables = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'tyrian-bench-'));
  const database = await startMigratedDatabase({ database: 'bench', settings: {} });
  const sandbox = run('dist/apps/sandbox/src/main.js', {
    SANDBOX_PORT: '18090',
    SANDBOX_JOURNAL_FILE: join(directory, 'journal.ndjson'),
  });
  const gateway = run('dist/apps/gateway/src/main.js', {
    NODE_ENV: 'production',
    PORT: '18080',
    DATABASE_URL: database.loginUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    VIBER_BASE_URL: sandboxUrl,
    PUBLIC_URL: gatewayUrl,
    ADMIN_TOKEN: adminToken,
    MASTER_KEY: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
    LOG_LEVEL: 'warn',
    ...variables,
  });
  const client = new pg.Client({ connectionString: databaseOf(database.superuserUrl) });
  client.on('error', () => undefined);
  try {
    await ready(`${sandboxUrl}/sandbox`);
    await ready(`${gatewayUrl}/health/ready`);
    await client.connect();
    const tenant = await call('POST', '/admin/tenants', adminToken, { name: 'Bench' });
    const asTenant = (method, path, body) => call(method, path, tenant.api_key, body);
    await asTenant('POST', '/v1/accounts', {
      name: 'Bench',
      provider_key: 'bench-key',
      default_sender: 'Bench',
    });
    /** Single messages at a steady rate, from a process of its own. */
    const load = (rate, seconds) =>
      output(
        run(
          'bench/load.mjs',
          {
            BASE_URL: gatewayUrl,
            API_KEY: tenant.api_key,
            RATE: String(rate),
            SECONDS: String(seconds),
          },
          { capture: true },
        ),
      ).then(JSON.parse);
    return await measure({
      load,
      asTenant,
      query: async (text) => (await client.query(text)).rows,
    });
  } finally {
    await client.end().catch(() => undefined);
    await stop(gateway);
    await stop(sandbox);
    await database.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Whatever is left of an installation that was interrupted. */
export function endAll() {
  for (const child of children) child.kill('SIGKILL');
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
