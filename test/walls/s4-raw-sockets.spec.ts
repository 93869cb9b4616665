import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import {
  call,
  createTenant,
  eventually,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';
import {
  attack,
  attackAll,
  countMessages,
  holdSockets,
  rawAttacks,
  slowBeginnings,
  smuggledAlone,
} from './s4-raw-sockets.js';
import { smugglingForms } from './smuggling-forms.js';

let database: TestDatabase;
let gateway: TestGateway;
let tenant: TestTenant;

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway({
    database,
    providerUrl: 'http://127.0.0.1:9',
    loops: false,
    variables: { LIMIT_HEADERS_TIMEOUT_MS: '2000', LIMIT_BODY_TIMEOUT_MS: '4000' },
  });
  tenant = await createTenant(gateway);
});

afterAll(async () => {
  await gateway.close();
  await database.drop();
});

describe('S4: over raw sockets', () => {
  it.each(rawAttacks.map((raw) => [raw.name, raw] as const))(
    '%s: refused, hung up on, and nothing behind it is served',
    async (_, raw) => {
      const before = await countMessages(gateway, tenant);
      const answer = await attack(gateway, tenant.apiKey, raw);
      expect(raw.answers).toContain(answer.status);
      expect(answer.hungUp).toBe(true);
      // Who is hung up on without a word has no answer to read.
      expect(answer.isProblem || answer.status === null).toBe(true);
      expect(answer.statuses.filter((status) => status < 400)).toEqual([]);
      expect(await countMessages(gateway, tenant)).toBe(before);
    },
  );

  it('whatever form a smuggled request takes: refused, hung up on, and nothing behind it is served', async () => {
    const before = await countMessages(gateway, tenant);
    const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
    const { broken } = await attackAll(gateway, tenant.apiKey, smugglingForms(500, seed));
    expect({ seed, broken }).toEqual({ seed, broken: [] });
    expect(await countMessages(gateway, tenant)).toBe(before);
    expect(await attack(gateway, tenant.apiKey, smuggledAlone)).toMatchObject({ status: 202 });
    expect(await countMessages(gateway, tenant)).toBe(before + 1);
  });

  it.each(slowBeginnings)(
    'two hundred clients with slow %s are cut off, and others are served meanwhile',
    async (_, begun) => {
      const slow = await holdSockets(gateway, 200, begun(tenant.apiKey));
      try {
        while (slow.closed() === 0) {
          await call(gateway, 'POST', '/v1/messages', {
            token: tenant.apiKey,
            body: { recipient: '+380671234567', text: 'Served meanwhile' },
            expect: 202,
          });
        }
        await eventually(async () => slow.closed() === 200, {
          withinMs: 20_000,
          what: 'all slow clients cut off',
        });
      } finally {
        slow.release();
      }
    },
  );
});
