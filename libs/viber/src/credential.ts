/**
 * How the key stands in `Authorization: Basic …`. All three are in use at the provider:
 * - `key`: base64 of the key alone, as the provider's own client libraries send it;
 * - `key-colon`: base64 of the key and a colon, as curl sends it;
 * - `encoded`: the key as it is, for one that the account manager has already encoded.
 */
export type ViberAuth = 'key' | 'key-colon' | 'encoded';

/** What a caller signs in with. Keep the object as long as the key: headers are built once for each. */
export interface ViberCredential {
  readonly key: string;
  readonly auth: ViberAuth;
}

/** The value of the Authorization header, or null for a key that no header can carry. */
export function authorizationOf({ key, auth }: ViberCredential): string | null {
  if (key === '') return null;
  const token = auth === 'encoded' ? key : base64(auth === 'key-colon' ? `${key}:` : key);
  return /^[\x21-\x7e]+$/.test(token) ? `Basic ${token}` : null;
}

/** Replaces a credential in a text that is going to be kept. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let safe = text;
  for (const secret of secrets) {
    if (safe.includes(secret)) safe = safe.replaceAll(secret, '[redacted]');
  }
  return safe;
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
