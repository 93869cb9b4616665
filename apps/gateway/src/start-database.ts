import { type Configuration } from './platform/config/index.js';
import { DatabaseAddress } from './platform/database/index.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './platform/embedded/index.js';

export interface StartedDatabase {
  readonly address: DatabaseAddress;
  /** null where DATABASE_URL names a server of the operator's. */
  readonly embedded: EmbeddedPostgres | null;
}

/** The operator's database, or else our own embedded one. */
export async function startDatabase(configuration: Configuration): Promise<StartedDatabase> {
  const { url, ownerUrl, directUrl, poolSize } = configuration.database;
  if (url !== null) {
    return {
      address: new DatabaseAddress(url, ownerUrl ?? url, directUrl ?? url, poolSize),
      embedded: null,
    };
  }
  const embedded = await startEmbeddedPostgres({ dataDirectory: configuration.dataDirectory });
  return {
    address: new DatabaseAddress(embedded.url, embedded.ownerUrl, embedded.url, poolSize),
    embedded,
  };
}
