import type { TyrianEvent } from './events.js';

export interface VerifyOptions {
  /** `whsec_…`; several while one replaces the other. */
  readonly secret: string | readonly string[];
  /** Of the request: a `Headers`, or an object with names in lower case. */
  readonly headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The body as it came, to the byte: parsed and written anew it has another signature. */
  readonly body: string | Uint8Array;
  /** How far the time of the request may be from ours, in seconds: a recorded one cannot be replayed later. @default 300 */
  readonly toleranceSeconds?: number;
  /** @default now */
  readonly nowMs?: number;
}

/** The request is none of the gateway's, or not in the form in which it left. Answer it with 400. */
export class WebhookRefused extends Error {
  constructor(reason: string) {
    super(`The webhook is refused: ${reason}.`);
    this.name = 'WebhookRefused';
  }
}

/** The event of a webhook, with the id by which a second delivery of it is recognised. */
export type ReceivedEvent = TyrianEvent & { readonly id: string };

const prefix = 'whsec_';
const version = 'v1,';

/**
 * Verifies a request after Standard Webhooks, and gives its event.
 * @throws WebhookRefused
 */
export async function verifyWebhook(options: VerifyOptions): Promise<ReceivedEvent> {
  const id = header(options, 'webhook-id');
  const timestamp = header(options, 'webhook-timestamp');
  const signatures = header(options, 'webhook-signature');
  assertRecent(timestamp, options);
  const encoder = new TextEncoder();
  const body = typeof options.body === 'string' ? encoder.encode(options.body) : options.body;
  const signed = join(encoder.encode(`${id}.${timestamp}.`), body);
  if (!(await isSigned(options.secret, signatures, signed)))
    throw new WebhookRefused('no signature is right');
  const event = JSON.parse(new TextDecoder().decode(body)) as TyrianEvent;
  return { ...event, id };
}

async function isSigned(
  secret: string | readonly string[],
  signatures: string,
  signed: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const given = signatures.split(' ').filter((signature) => signature.startsWith(version));
  for (const one of typeof secret === 'string' ? [secret] : secret) {
    const key = await crypto.subtle.importKey(
      'raw',
      bytesOf(one.startsWith(prefix) ? one.slice(prefix.length) : one),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['verify'],
    );
    for (const signature of given) {
      // It compares in constant time.
      if (await crypto.subtle.verify('HMAC', key, bytesOf(signature.slice(version.length)), signed))
        return true;
    }
  }
  return false;
}

function header({ headers }: VerifyOptions, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  if (typeof value !== 'string' || value === '') throw new WebhookRefused(`it has no ${name}`);
  return value;
}

function assertRecent(
  timestamp: string,
  { toleranceSeconds = 300, nowMs = Date.now() }: VerifyOptions,
): void {
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  if (Number.isNaN(seconds)) throw new WebhookRefused('its time is none');
  if (Math.abs(nowMs / 1_000 - seconds) > toleranceSeconds)
    throw new WebhookRefused('it is too old, or from the future');
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
