import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { migrate } from '../../apps/gateway/src/platform/database/index.js';
import { createSandbox, type Sandbox } from '../../apps/sandbox/src/sandbox.js';
import { createTenant, eventually, startGateway, type TestGateway } from '../support/gateway.js';
import { hasPostgres15, type Postgres15, startPostgres15 } from '../support/postgres-15.js';
import { read, send } from '../support/steps.js';

const where = hasPostgres15 ? describe : describe.skip;

where(
  hasPostgres15
    ? 'PostgreSQL 15'
    : 'PostgreSQL 15 (skipped: /usr/lib/postgresql/15/bin is missing)',
  () => {
    let server: Postgres15;
    let sandbox: Sandbox;
    let gateway: TestGateway | undefined;

    beforeAll(async () => {
      server = await startPostgres15();
      sandbox = await createSandbox({ port: 0, deliveryMs: 50 });
    }, 60_000);

    afterAll(async () => {
      await gateway?.close();
      await sandbox?.close();
      await server?.stop();
    });

    async function ask<Row extends object>(text: string): Promise<Row[]> {
      const client = new pg.Client({ connectionString: server.superuserUrl });
      await client.connect();
      try {
        return (await client.query<Row>(text)).rows;
      } finally {
        await client.end();
      }
    }

    it('takes the migrations, and takes them again', async () => {
      const [version] = await ask<{ major: number }>(
        `select current_setting('server_version_num')::int / 10000 as major`,
      );
      expect(version).toEqual({ major: 15 });
      const { ownerUrl, url } = server.address;
      expect((await migrate(ownerUrl, url)).applied.length).toBeGreaterThan(0);
      expect((await migrate(ownerUrl, url)).applied).toEqual([]);
    });

    it('gives the login no right by itself, though a membership cannot say so there', async () => {
      const inherited = await ask(
        `select rolname from pg_roles where rolname in ('tyrian_ingest', 'tyrian_worker', 'tyrian_tenant', 'tyrian_operator')
           and pg_has_role('tyrian', oid, 'USAGE')`,
      );
      expect(inherited).toEqual([]);
    });

    it('delivers a message', async () => {
      gateway = await startGateway({ database: server, providerUrl: sandbox.url });
      const tenant = await createTenant(gateway);
      const id = await send(gateway, tenant);
      const running = gateway;
      await eventually(async () => (await read(running, tenant, id)).status === 'delivered');
    });
  },
);
