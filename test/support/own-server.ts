import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { DatabaseAddress } from '../../apps/gateway/src/platform/database/index.js';
import {
  provisionDatabase,
  provisionRoles,
  startCluster,
} from '../../apps/gateway/src/platform/embedded/index.js';

/** A PostgreSQL of one test file's own, with the two logins and nothing else. */
export interface OwnServer {
  readonly superuserUrl: string;
  /** Makes a database that was never migrated. */
  emptyDatabase(name: string): Promise<DatabaseAddress>;
  query<Row>(text: string): Promise<Row[]>;
  stop(): Promise<void>;
}

/** @param settings of PostgreSQL, on top of the product's own */
export async function startOwnServer(
  settings: Readonly<Record<string, string>>,
): Promise<OwnServer> {
  const directory = mkdtempSync(join(tmpdir(), 'tyrian-own-'));
  const cluster = await startCluster({ directory, settings });
  const { superuserUrl, passwords } = cluster;
  await provisionRoles(superuserUrl, passwords);
  return {
    superuserUrl,
    async emptyDatabase(name) {
      await provisionDatabase(superuserUrl, name);
      const as = (username: string, password: string): string =>
        Object.assign(new URL(superuserUrl), { pathname: name, username, password }).href;
      const url = as('tyrian', passwords.login);
      return new DatabaseAddress(url, as('tyrian_owner', passwords.owner), url, 12);
    },
    query: <Row>(text: string) => query<Row>(superuserUrl, text),
    async stop() {
      await cluster.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function query<Row>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows as Row[];
  } finally {
    await client.end();
  }
}
