import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far the time of a delivery may lie from ours: what was taken down on the way cannot be used later. */
const TOLERANCE_SECONDS = 300;

/**
 * Whether a delivery is from whoever holds the secret, by Standard Webhooks and with nothing but Node.js.
 *
 * @param {string} secret `whsec_…`
 * @param {Record<string, string | undefined>} headers in lower case, as Node.js gives them
 * @param {string} body exactly as it came: not parsed and written anew
 */
export function isFromTyrian(secret, headers, body) {
  const id = headers['webhook-id'] ?? '';
  const timestamp = headers['webhook-timestamp'] ?? '';
  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  if (!(age <= TOLERANCE_SECONDS)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  // One signature for each secret that is valid: while it is rotated there are several.
  return (headers['webhook-signature'] ?? '').split(' ').some((entry) => {
    const [version, signature = ''] = entry.split(',');
    const given = Buffer.from(signature, 'base64');
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
  });
}
