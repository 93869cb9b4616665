import { describe, expect, it } from '@jest/globals';
import { Clock } from '../platform/clock/index.js';
import type { Configuration } from '../platform/config/index.js';
import { DatabaseUnavailable } from '../platform/errors/index.js';
import { Log } from '../platform/logging/index.js';
import type { CallbackKey, CallbackKeys } from './callback-keys.js';
import { CallbackUrls, type StatusOrigin } from './callback-urls.js';

const day = 86_400_000;
const origin: StatusOrigin = {
  tenantId: '01900000-0000-7000-8000-000000000001',
  accountId: '01900000-0000-7000-8000-000000000002',
  messageId: '01900000-0000-7000-8000-000000000003',
  attempt: 2,
};
const connectionId = '01900000-0000-7000-8000-000000000004';

class TestClock extends Clock {
  atMs = Date.parse('2026-03-01T09:00:00Z');

  override nowMs(): number {
    return this.atMs;
  }

  override monotonicMs(): number {
    return this.atMs;
  }
}

function aKey(id: number, createdAtMs: number, retiredAtMs: number | null = null): CallbackKey {
  return {
    id,
    secret: Buffer.alloc(32, id),
    createdAt: new Date(createdAtMs),
    retiredAt: retiredAtMs === null ? null : new Date(retiredAtMs),
  };
}

/** One process, with keys of its own in place of the database's. */
async function aProcess(clock = new TestClock(), publicUrl: string | null = 'https://gw.example') {
  const stored: CallbackKey[] = [aKey(1, clock.atMs)];
  let reads = 0;
  const keys = {
    ensureOne: async () => undefined,
    list: async () => {
      reads += 1;
      return [...stored];
    },
  } as unknown as CallbackKeys;
  const log = Log.create({ level: 'silent', format: 'json' });
  const urls = new CallbackUrls({ callbacks: { publicUrl } } as Configuration, keys, clock, log);
  await urls.onModuleInit();
  return { urls, clock, stored, reads: () => reads };
}

const tokenOf = (url: string | null) => (url as string).split('/').at(-1) as string;

describe('CallbackUrls (DISPATCH 15)', () => {
  it('reads from its URLs what they were made for', async () => {
    const { urls } = await aProcess();
    const status = urls.forStatus(origin);
    expect(status).toMatch(
      /^https:\/\/gw\.example\/callbacks\/viber\/s\/([\w-]{22}\.){3}2\.1\.[\w-]{22}$/,
    );
    expect(urls.readStatus(tokenOf(status))).toEqual(origin);
    const inbound = urls.forInbound(connectionId);
    expect(inbound).toMatch(
      /^https:\/\/gw\.example\/callbacks\/viber\/i\/[\w-]{22}\.1\.[\w-]{22}$/,
    );
    expect(urls.readInbound(tokenOf(inbound))).toEqual({ connectionId });
  });

  it('takes no URL in which anything was changed, nor one kind for the other', async () => {
    const { urls } = await aProcess();
    const status = tokenOf(urls.forStatus(origin));
    const inbound = tokenOf(urls.forInbound(connectionId));
    for (const token of [status, inbound]) {
      for (let index = 0; index < token.length; index++) {
        const changed = token[index] === 'A' ? 'B' : 'A';
        const forged = token.slice(0, index) + changed + token.slice(index + 1);
        expect(urls.readStatus(forged)).toBeNull();
        expect(urls.readInbound(forged)).toBeNull();
      }
      expect(urls.readStatus(token.slice(0, -1))).toBeNull();
    }
    expect(urls.readStatus(inbound)).toBeNull();
    expect(urls.readInbound(status)).toBeNull();
    expect(urls.readStatus('')).toBeNull();
    expect(urls.readStatus('.....')).toBeNull();
  });

  it('refuses forged macs without reading the database', async () => {
    const { urls, reads } = await aProcess();
    const before = reads();
    const [tenant, account, message, attempt] = tokenOf(urls.forStatus(origin)).split('.');
    for (const keyId of ['1', '2', '9', '0', '-1', 'x', '99999']) {
      const forged = [tenant, account, message, attempt, keyId, 'A'.repeat(22)].join('.');
      expect(urls.readStatus(forged)).toBeNull();
    }
    expect(reads()).toBe(before);
  });

  it('signs with a new key only when every process has had the time to read it', async () => {
    const { urls, clock, stored } = await aProcess();
    const rotatedAtMs = (clock.atMs += day);
    stored.splice(0, 1, aKey(1, rotatedAtMs - day, rotatedAtMs));
    stored.push(aKey(2, rotatedAtMs));
    await urls.refresh();
    const keyIdNow = () => tokenOf(urls.forStatus(origin)).split('.')[4];
    expect(keyIdNow()).toBe('1');
    clock.atMs = rotatedAtMs + 29_999;
    expect(keyIdNow()).toBe('1');
    clock.atMs = rotatedAtMs + 30_000;
    expect(keyIdNow()).toBe('2');
  });

  it('takes statuses under a retired key for six days, replies for ever', async () => {
    const { urls, clock, stored } = await aProcess();
    const status = tokenOf(urls.forStatus(origin));
    const inbound = tokenOf(urls.forInbound(connectionId));
    const retiredAtMs = clock.atMs;
    stored.splice(0, 1, aKey(1, retiredAtMs, retiredAtMs), aKey(2, retiredAtMs));
    await urls.refresh();
    clock.atMs = retiredAtMs + 6 * day;
    expect(urls.readStatus(status)).toEqual(origin);
    clock.atMs += 1;
    expect(urls.readStatus(status)).toBeNull();
    clock.atMs += 1_000 * day;
    expect(urls.readInbound(inbound)).toEqual({ connectionId });
  });

  it('sends the provider away to come again while its keys are too old to judge', async () => {
    const { urls, clock } = await aProcess();
    const other = await aProcess(new TestClock());
    other.stored.splice(0, 1, aKey(7, clock.atMs));
    await other.urls.refresh();
    const token = tokenOf(other.urls.forStatus(origin));
    expect(urls.readStatus(token)).toBeNull();
    clock.atMs += 30_000;
    expect(() => urls.readStatus(token)).toThrow(DatabaseUnavailable);
  });

  it('makes no URL with CALLBACKS=off', async () => {
    const { urls } = await aProcess(new TestClock(), null);
    expect(urls.forStatus(origin)).toBeNull();
    expect(urls.forInbound(connectionId)).toBeNull();
  });
});
