// How many single messages a second one gateway accepts and dispatches at once: `npm run bench`.
// The load generator, the journalling sandbox, PostgreSQL and the gateway are processes of their own; every request
// is signed in, callbacks are on. Each run is verified: rows equal acknowledgements, and nothing is doubled.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startMigratedDatabase } from '../tools/support/migrated-database.mjs';

const seconds = Number(process.env.SECONDS ?? 60);
const rate = Number(process.env.RATE ?? 1_500);
const runs = Number(process.env.RUNS ?? 3);
const adminToken = 'bench-admin-token-0123456789abcdef0123456789';
const root = new URL('..', import.meta.url).pathname;
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

async function call(method, url, token, body) {
  const answer = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
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

async function measure(number) {
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
    VIBER_BASE_URL: 'http://127.0.0.1:18090',
    PUBLIC_URL: 'http://127.0.0.1:18080',
    ADMIN_TOKEN: adminToken,
    MASTER_KEY: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
    LOG_LEVEL: 'warn',
  });
  try {
    await ready('http://127.0.0.1:18090/sandbox');
    await ready('http://127.0.0.1:18080/health/ready');
    const tenant = await call('POST', 'http://127.0.0.1:18080/admin/tenants', adminToken, {
      name: 'Bench',
    });
    await call('POST', 'http://127.0.0.1:18080/v1/accounts', tenant.api_key, {
      name: 'Bench',
      provider_key: 'bench-key',
      default_sender: 'Bench',
    });
    const load = (env) =>
      output(
        run(
          'bench/load.mjs',
          { BASE_URL: 'http://127.0.0.1:18080', API_KEY: tenant.api_key, ...env },
          { capture: true },
        ),
      ).then(JSON.parse);
    // The ramp of a new key, the WAL and the compilers: warm before anything is counted.
    const warm = await load({ RATE: String(rate), SECONDS: '15' });
    const client = new pg.Client({ connectionString: databaseOf(database.superuserUrl) });
    client.on('error', () => undefined);
    await client.connect();
    const result = await load({ RATE: String(rate), SECONDS: String(seconds) });
    const { rows } = await client.query(`select (select count(*) from outgoing)::int as queued,
      (select count(*) from messages)::int as messages, (select count(*) from messages where status = 'delivered')::int as delivered,
      (select count(*) from receipts where not folded)::int as unfolded, (select count(*) from outbox)::int as unrelayed`);
    const left = rows[0];
    for (let tries = 0; tries < 300; tries += 1) {
      const { rows: open } = await client.query(
        `select (select count(*) from outgoing)::int + (select count(*) from awaiting)::int as open`,
      );
      if (open[0].open === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { rows: end } = await client.query(
      `select count(*)::int as messages, (count(*) filter (where status = 'delivered'))::int as delivered from messages`,
    );
    const doubled = await call('GET', 'http://127.0.0.1:18090/sandbox/messages?limit=1', 'x').catch(
      () => null,
    );
    await client.end();
    const accepted = warm.accepted + result.accepted;
    return {
      run: number,
      ...result,
      left_in_queue: left.queued,
      left_seconds: Number((left.queued / result.accepted_per_second).toFixed(2)),
      unfolded: left.unfolded,
      unrelayed: left.unrelayed,
      rows_equal_acknowledged: end[0].messages === accepted,
      all_delivered: end[0].delivered === accepted,
      provider_total: doubled?.total ?? null,
    };
  } finally {
    await stop(gateway);
    await stop(sandbox);
    await database.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

const results = [];
try {
  for (let number = 1; number <= runs; number += 1) {
    const result = await measure(number);
    results.push(result);
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
  const sorted = results.map((result) => result.accepted_per_second).sort((a, b) => a - b);
  process.stdout.write(`median accepted per second: ${sorted[Math.floor(sorted.length / 2)]}\n`);
} finally {
  for (const child of children) child.kill('SIGKILL');
}
