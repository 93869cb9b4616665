import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';

type Verify = (secret: string, headers: Record<string, string>, body: string) => boolean;

/** Plain JavaScript, as a reader has it. */
async function load(url: string): Promise<Verify> {
  return ((await import(url)) as { isFromTyrian: Verify }).isFromTyrian;
}

const page = readFileSync(new URL('../../docs/webhooks.md', import.meta.url), 'utf8');
const shown = /```js\n(.*?)```/s.exec(page)?.[1] ?? '';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const body = '{"type":"message.delivered","data":{"text":"Привіт"}}';

/** As another implementation of Standard Webhooks signs it. */
function signed(at = new Date(), by = secret): Record<string, string> {
  return {
    'webhook-id': 'evt_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(by).sign('evt_1', at, body),
  };
}

describe.each([
  ['of the receiver', new URL('./verify.mjs', import.meta.url).href],
  ['that docs/webhooks.md shows', `data:text/javascript,${encodeURIComponent(shown)}`],
])('the verification %s', (_whose, url) => {
  let isFromTyrian: Verify;

  beforeAll(async () => {
    isFromTyrian = await load(url);
  });

  it('accepts what another implementation signed, among several signatures too', () => {
    expect(isFromTyrian(secret, signed(), body)).toBe(true);
    const headers = signed();
    const two = `v1,${Buffer.alloc(32).toString('base64')} ${headers['webhook-signature']}`;
    expect(isFromTyrian(secret, { ...headers, 'webhook-signature': two }, body)).toBe(true);
  });

  it('refuses anything else', () => {
    const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
    expect(isFromTyrian(secret, signed(new Date(), other), body)).toBe(false);
    expect(isFromTyrian(secret, signed(), `${body} `)).toBe(false);
    expect(isFromTyrian(secret, { ...signed(), 'webhook-id': 'evt_2' }, body)).toBe(false);
    expect(isFromTyrian(secret, signed(new Date(Date.now() - 600_000)), body)).toBe(false);
    expect(isFromTyrian(secret, {}, body)).toBe(false);
    const unversioned = signed()['webhook-signature']?.replace('v1,', '') ?? '';
    expect(isFromTyrian(secret, { ...signed(), 'webhook-signature': unversioned }, body)).toBe(
      false,
    );
  });
});
