import { resolve } from 'node:path';
import { startCluster } from './cluster.js';
import { connectionUrl } from './connection-url.js';
import { provisionDatabase, provisionRoles } from './provision.js';

const DATABASE = 'tyrian';

export interface EmbeddedPostgres {
  /** For `DATABASE_URL`: a plain login without any privilege of its own. */
  readonly url: string;
  /** For `DATABASE_OWNER_URL`: owns the database and may create roles, but is no superuser. */
  readonly ownerUrl: string;
  /** Settles when the server is gone, whether it was stopped or died. */
  readonly exited: Promise<void>;
  /** Ends all sessions, writes a checkpoint and stops the server. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL that belongs to an installation without a `DATABASE_URL`: kept in
 * `<dataDirectory>/postgres`, made at the first start, listening on 127.0.0.1 alone, durable
 * (`fsync` and `synchronous_commit` are on).
 *
 * @throws EmbeddedPostgresError with a sentence that names what to do; no file of a database is
 * ever deleted.
 */
export async function startEmbeddedPostgres(options: {
  dataDirectory: string;
}): Promise<EmbeddedPostgres> {
  const cluster = await startCluster({ directory: resolve(options.dataDirectory) });
  const { port, passwords } = cluster;
  try {
    await provisionRoles(cluster.superuserUrl, passwords);
    await provisionDatabase(cluster.superuserUrl, DATABASE);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return {
    url: connectionUrl({ port, user: 'tyrian', password: passwords.login, database: DATABASE }),
    ownerUrl: connectionUrl({
      port,
      user: 'tyrian_owner',
      password: passwords.owner,
      database: DATABASE,
    }),
    exited: cluster.exited,
    stop: () => cluster.stop(),
  };
}
