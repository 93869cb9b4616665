import { describe, expect, it } from '@jest/globals';
import { createHmac, randomBytes } from 'node:crypto';
import { verifyWebhook, WebhookRefused, type VerifyOptions } from './index.js';

const nowMs = Date.parse('2026-03-01T09:00:00Z');
const body = JSON.stringify({
  type: 'message.delivered',
  timestamp: '2026-03-01T09:00:00.000Z',
  data: { id: 'msg_1', text: 'Привіт 👋' },
});
const [old, current, other] = Array.from(
  { length: 3 },
  () => `whsec_${randomBytes(24).toString('base64')}`,
) as [string, string, string];

/** As Standard Webhooks says, with another implementation of the same mathematics. */
function sign(secret: string, id: string, timestamp: string, text: string): string {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64')}`;
}

function delivery(change: Partial<VerifyOptions> = {}, secrets = [current]): VerifyOptions {
  const timestamp = String(nowMs / 1_000);
  const signatures = secrets.map((secret) => sign(secret, 'evt_1', timestamp, body));
  return {
    secret: current,
    headers: {
      'webhook-id': 'evt_1',
      'webhook-timestamp': timestamp,
      'webhook-signature': signatures.join(' '),
    },
    body,
    nowMs,
    ...change,
  };
}

describe('a webhook is verified', () => {
  it('by its secret, and gives its event with its id', async () => {
    const expected = { ...(JSON.parse(body) as object), id: 'evt_1' };
    expect(await verifyWebhook(delivery())).toEqual(expected);
    expect(await verifyWebhook(delivery({ body: new TextEncoder().encode(body) }))).toEqual(
      expected,
    );
    const headers = new Headers(delivery().headers as Record<string, string>);
    expect(await verifyWebhook(delivery({ headers }))).toEqual(expected);
  });

  it('while its secret is replaced, on either side', async () => {
    await verifyWebhook(delivery({}, [old, current]));
    await verifyWebhook(delivery({ secret: [current, old] }, [old]));
  });
});

describe('a webhook is refused', () => {
  const headers = delivery().headers as Record<string, string>;
  const flipped = String(headers['webhook-signature']).replace(/.(?=.{5}$)/, (c) =>
    c === 'A' ? 'B' : 'A',
  );
  it.each<[string, Partial<VerifyOptions>]>([
    ['of another secret', { secret: other }],
    ['with another body', { body: body.replace('msg_1', 'msg_2') }],
    ['under another id', { headers: { ...headers, 'webhook-id': 'evt_2' } }],
    ['at another time', { headers: { ...headers, 'webhook-timestamp': '1772355599' } }],
    ['of five minutes ago', { nowMs: nowMs + 301_000 }],
    ['of the future', { nowMs: nowMs - 301_000 }],
    ['with a signature that differs', { headers: { ...headers, 'webhook-signature': flipped } }],
    ['of another version', { headers: { ...headers, 'webhook-signature': 'v1a,AAAA' } }],
    ['with what is no signature', { headers: { ...headers, 'webhook-signature': 'v1,***' } }],
    ['without a signature', { headers: { ...headers, 'webhook-signature': undefined } }],
    ['without a time', { headers: { ...headers, 'webhook-timestamp': 'now' } }],
  ])('%s', async (_, change) => {
    await expect(verifyWebhook(delivery(change))).rejects.toThrow(WebhookRefused);
  });
});
