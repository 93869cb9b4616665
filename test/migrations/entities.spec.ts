import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import {
  Account,
  Connection,
  ConnectionState,
  Lane,
} from '../../apps/gateway/src/accounts/index.js';
import { ApiKey, AuditEntry, Tenant } from '../../apps/gateway/src/tenants/index.js';
import {
  WebhookEndpoint,
  WebhookLine,
  WebhookSecret,
} from '../../apps/gateway/src/webhooks/index.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await new DataSource({
    type: 'postgres',
    url: database.address.ownerUrl,
    entities: [
      Tenant,
      ApiKey,
      AuditEntry,
      ConnectionState,
      Connection,
      Account,
      Lane,
      WebhookEndpoint,
      WebhookSecret,
      WebhookLine,
    ],
  }).initialize();
}, 60_000);

afterAll(async () => {
  await dataSource?.destroy();
  await database?.drop();
});

describe('the entities', () => {
  it('equal the migrated schema: TypeORM would change nothing', async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });
});
