import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';

const built = (path) => new URL(`../../dist/apps/gateway/src/${path}`, import.meta.url);

/**
 * A PostgreSQL of its own in a folder that goes with it, a temporary one by default, with one database that was migrated as in
 * production: by the built `migrate`, as the owner, who is no superuser.
 *
 * @param {{ database: string, settings?: Record<string, string>, directory?: string }} options
 * @returns {Promise<{ superuserUrl: string, ownerUrl: string, loginUrl: string, stop(): Promise<void> }>}
 */
export async function startMigratedDatabase({
  database,
  settings,
  directory = mkdtempSync(join(tmpdir(), 'tyrian-')),
}) {
  const embedded = built('platform/embedded/index.js');
  if (!existsSync(embedded))
    throw new Error('The gateway is not built: run `npm run build` first.');
  const { provisionDatabase, provisionRoles, startCluster } = await import(embedded.href);

  let cluster = null;
  const stop = async () => {
    await cluster?.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    // TYRIAN_TEST_SERVER_URL names a server of another version, as its superuser: the same tests run there.
    const given = process.env.TYRIAN_TEST_SERVER_URL;
    if (given) {
      await dropDatabase(given, database);
      cluster = { superuserUrl: given, passwords: { owner: 'owner', login: 'login' }, stop() {} };
    } else {
      cluster = await startCluster({ directory, settings });
    }
    const { superuserUrl, passwords } = cluster;
    await provisionRoles(superuserUrl, passwords);
    await provisionDatabase(superuserUrl, database);
    const as = (username, password) =>
      Object.assign(new URL(superuserUrl), { pathname: database, username, password }).href;
    const ownerUrl = as('tyrian_owner', passwords.owner);
    const loginUrl = as('tyrian', passwords.login);
    await migrate({ DATABASE_URL: loginUrl, DATABASE_OWNER_URL: ownerUrl });
    return { superuserUrl, ownerUrl, loginUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function dropDatabase(superuserUrl, name) {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`);
  await client.end();
}

async function migrate(urls) {
  const env = { PATH: process.env.PATH, NODE_ENV: 'test', ...urls };
  try {
    await promisify(execFile)(process.execPath, [fileURLToPath(built('migrate.js'))], { env });
  } catch (error) {
    throw new Error(`The database could not be migrated:\n${error.stderr || error.stdout}`, {
      cause: error,
    });
  }
}
