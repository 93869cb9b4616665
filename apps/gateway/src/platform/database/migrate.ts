import pg from 'pg';
import { DataSource } from 'typeorm';
import { connect, connectTimeoutMs, type DatabaseVariable, explainStatement } from './connect.js';
import { migrations } from './migrations/index.js';

export interface MigrationReport {
  readonly applied: readonly string[];
}

/** Replicas that start at once wait here for one another. */
const lockKey = 'tyrian.migrations';
const roles = ['tyrian_ingest', 'tyrian_worker', 'tyrian_tenant', 'tyrian_operator'];

/** How long a wait for another migration lasts before it is told, and between two tellings. */
const tellAfterMs = 2_000;

/**
 * Brings the schema up to date and lets the product's login use the four roles.
 * @param ownerUrl login that owns the schema @param loginUrl login of the running product
 * @param options.onWait called from time to time while another migration is waited for
 * @throws DatabaseUnusable
 */
export async function migrate(
  ownerUrl: string,
  loginUrl: string,
  options: { onWait?: () => void } = {},
): Promise<MigrationReport> {
  const variable: DatabaseVariable = ownerUrl === loginUrl ? 'DATABASE_URL' : 'DATABASE_OWNER_URL';
  const login = await loginName(loginUrl);
  const { client: guard, major } = await connect(variable, ownerUrl, 'tyrian migrations');
  try {
    await waitForOthers(guard, options.onWait);
    const applied = await applyMigrations(ownerUrl);
    await grantRoles(guard, login, major);
    return { applied };
  } catch (error) {
    throw explainStatement(variable, error);
  } finally {
    // Closing the session gives the lock back.
    await guard.end();
  }
}

async function waitForOthers(guard: pg.Client, onWait: (() => void) | undefined): Promise<void> {
  const timer = setInterval(() => onWait?.(), tellAfterMs);
  try {
    await guard.query('select pg_advisory_lock(hashtext($1))', [lockKey]);
  } finally {
    clearInterval(timer);
  }
}

async function applyMigrations(ownerUrl: string): Promise<string[]> {
  const dataSource = new DataSource({
    type: 'postgres',
    url: ownerUrl,
    migrations,
    migrationsTableName: 'schema_migrations',
    poolSize: 1,
    applicationName: 'tyrian migrations',
    connectTimeoutMS: connectTimeoutMs,
  });
  await dataSource.initialize();
  try {
    const done = await dataSource.runMigrations({ transaction: 'each' });
    await dataSource.query(
      'grant select on schema_migrations to tyrian_ingest, tyrian_worker, tyrian_operator',
    );
    return done.map((migration) => migration.name);
  } finally {
    await dataSource.destroy();
  }
}

/** Lets the login act under the roles, without having any of their rights by itself. */
async function grantRoles(owner: pg.Client, login: string, major: number): Promise<void> {
  const since16 = major >= 16;
  for (const role of roles) {
    const { rows } = await owner.query<{ member: boolean }>(
      'select pg_has_role($1, $2, $3) as member',
      [login, role, since16 ? 'SET' : 'MEMBER'],
    );
    if (rows[0]?.member === true) continue;
    // Before 16 the same is said by the login's own NOINHERIT.
    const withoutRights = since16 ? ' with inherit false, set true' : '';
    await owner.query(`grant ${role} to ${pg.escapeIdentifier(login)}${withoutRights}`);
  }
}

async function loginName(url: string): Promise<string> {
  const { client } = await connect('DATABASE_URL', url, 'tyrian migrations');
  try {
    const { rows } = await client.query<{ name: string }>('select session_user::text as name');
    return (rows[0] as { name: string }).name;
  } finally {
    await client.end();
  }
}
