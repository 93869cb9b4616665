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

/** Whether a header can carry the key. With another one every call is refused without having been made. */
export function isPresentable(credential: ViberCredential): boolean {
  return authorizationOf(credential) !== null;
}

/** A secret in every form in which an answer may echo it: as it is, and as JSON of several hands writes it. */
export function formsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  // As PHP writes JSON unless it is told otherwise.
  const ascii = json.replace(/[^\x20-\x7e]/g, unicodeEscape);
  const forms = [secret, json, ascii].flatMap((form) => [form, form.replaceAll('/', '\\/')]);
  return [...new Set(forms)];
}

/** Replaces secrets, in the forms that are given, in a text that is going to be kept. */
export function withoutSecrets(text: string, forms: readonly string[]): string {
  let safe = text;
  for (const form of forms) {
    if (safe.includes(form)) safe = safe.replaceAll(form, '[redacted]');
  }
  return safe;
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
