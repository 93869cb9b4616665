import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DropinNumbers } from '../../apps/gateway/src/dropin/dropin-numbers.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { Deadline } from '../../apps/gateway/src/platform/deadline/index.js';
import { reconcilerOf } from '../support/reconciler.js';
import {
  createTenant,
  startGateway,
  type TestGateway,
  type TestTenant,
} from '../support/gateway.js';

let database: TestDatabase;
let gateway: TestGateway;
let tenant: TestTenant;

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await start();
  tenant = await createTenant(gateway);
}, 60_000);

afterAll(async () => {
  await gateway?.close();
  await database?.drop();
});

function start(): Promise<TestGateway> {
  return startGateway({
    database,
    providerUrl: 'http://127.0.0.1:9',
    loops: false,
    variables: { DATABASE_POOL_SIZE: '5' },
  });
}

async function send(): Promise<{ message_id?: number; code?: number }> {
  const response = await fetch(`${gateway.url}/v1/api/send-viber`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(tenant.apiKey).toString('base64')}` },
    body: JSON.stringify({
      destination_addr: '380671234567',
      text: 'Hello',
      callback_url: 'https://shop.example/viber',
    }),
  });
  return (await response.json()) as { message_id?: number; code?: number };
}

async function next(): Promise<number> {
  const [row] = await database.query<{ next: string }>('select next from dropin_numbers');
  return Number(row?.next);
}

describe('DISPATCH 20: the numbers of the drop-in door', () => {
  it('stand beside their messages, from the transaction that accepts them', async () => {
    const { message_id } = await send();
    const rows = await database.query(
      `select d.number::int, d.callback_url, m.client_reference
       from dropin_messages d join messages m on m.tenant_id = d.tenant_id and m.id = d.message_id`,
    );
    expect(rows).toEqual([
      {
        number: message_id,
        callback_url: 'https://shop.example/viber',
        client_reference: String(message_id),
      },
    ]);
  });

  it('and their messages stand or fall together', async () => {
    await database.query('revoke insert on dropin_messages from tyrian_ingest');
    try {
      const [before] = await database.query('select count(*) from messages');
      expect(await send()).toMatchObject({ code: 2 });
      expect(await database.query('select count(*) from messages')).toEqual([before]);
    } finally {
      await database.query('grant insert on dropin_messages to tyrian_ingest');
    }
  });

  it('are taken from blocks, each of which one process alone has', async () => {
    const other = await start();
    try {
      const drawn = await Promise.all(
        Array.from({ length: 2_500 }, (_, index) =>
          (index % 2 === 0 ? gateway : other).get(DropinNumbers).take(Deadline.in(10_000)),
        ),
      );
      expect(new Set(drawn).size).toBe(drawn.length);
      expect(Math.max(...drawn)).toBeLessThan(await next());
    } finally {
      await other.close();
    }
  });

  it('go on beyond all that was told, however often the same data are restored', async () => {
    const restored = await next();
    const told: number[] = [];
    for (const heldAt of ['2026-11-20T10:00:00Z', '2026-11-20T10:00:05Z']) {
      await database.query(`update dropin_numbers set next = $1, leapt_for = null`, [restored]);
      await database.query(`update installation set held_at = $1, held_because = 'after_restore'`, [
        heldAt,
      ]);
      const process = await start();
      told.push(await process.get(DropinNumbers).take(Deadline.in(10_000)));
      await database.query(`update installation set held_at = null, held_because = null`);
      await process.close();
    }
    expect(told[0]).toBe(Date.parse('2026-11-20T10:00:00Z'));
    expect(told[1]).toBe(Date.parse('2026-11-20T10:00:05Z'));
    // One hold is one leap.
    const after = await next();
    const process = await start();
    expect(await process.get(DropinNumbers).take(Deadline.in(10_000))).toBe(after);
    await process.close();
  });

  it('are forgotten with their messages', async () => {
    const { message_id } = await send();
    expect(message_id).toBeGreaterThan(0);
    await reconcilerOf(gateway).dropOldRows();
    const held = 'select count(*)::int as rows from dropin_messages';
    expect(await database.query(held)).toEqual([{ rows: 2 }]);
    await database.moveClock(98 * 86_400_000);
    await reconcilerOf(gateway).dropOldRows();
    expect(await database.query(held)).toEqual([{ rows: 0 }]);
    await database.moveClock(0);
  });
});
