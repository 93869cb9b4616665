import { createHmac, randomBytes } from 'node:crypto';

/** Standard Webhooks: 24 to 64 bytes. */
const secretBytes = 32;
const prefix = 'whsec_';

/** A new signing secret, as its tenant keeps it. */
export function makeSigningSecret(): string {
  return prefix + randomBytes(secretBytes).toString('base64');
}

export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * The headers of Standard Webhooks: one signature for each secret that is valid now, so that a receiver finds the one
 * that it knows while the secret is rotated.
 * @param secrets `whsec_…`
 * @param atMs time of the attempt, in milliseconds since the epoch
 */
export function sign(
  secrets: readonly string[],
  id: string,
  atMs: number,
  body: string,
): SignedHeaders {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(prefix.length), 'base64');
    const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`, 'utf8');
    return `v1,${mac.digest('base64')}`;
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}
