import pg from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from './migrations/index.js';

export interface MigrationReport {
  readonly applied: readonly string[];
}

/** Replicas that start at once wait here for one another. */
const lockKey = 'tyrian.migrations';
const roles = ['tyrian_ingest', 'tyrian_worker', 'tyrian_tenant', 'tyrian_operator'];

/**
 * Brings the schema up to date and lets the product's login use the four roles.
 * @param ownerUrl login that owns the schema @param loginUrl login of the running product
 */
export async function migrate(ownerUrl: string, loginUrl: string): Promise<MigrationReport> {
  const guard = new pg.Client({
    connectionString: ownerUrl,
    application_name: 'tyrian migrations',
  });
  await guard.connect();
  try {
    await guard.query('select pg_advisory_lock(hashtext($1))', [lockKey]);
    const applied = await applyMigrations(ownerUrl);
    await grantRoles(guard, loginUrl);
    return { applied };
  } finally {
    // Closing the session gives the lock back.
    await guard.end();
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
async function grantRoles(owner: pg.Client, loginUrl: string): Promise<void> {
  const login = await loginName(loginUrl);
  const since16 = await isSince16(owner);
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

async function isSince16(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  );
  return (rows[0]?.version ?? 0) >= 160_000;
}

async function loginName(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>('select session_user::text as name');
    return (rows[0] as { name: string }).name;
  } finally {
    await client.end();
  }
}
