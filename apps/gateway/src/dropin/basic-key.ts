import { apiKeyForm } from '../platform/config/index.js';

/**
 * The API key in an `Authorization: Basic` header; empty where there is none. All three forms in which the provider's
 * clients write a key are read: base64 of the key, base64 of the key and a colon, and the header's text as it was handed
 * out, be it the key itself or its base64, which a client has encoded once more.
 */
export function basicKey(header: string | undefined): string {
  if (header === undefined || header.length > 4_096) return '';
  const given = /^Basic +(\S+) *$/i.exec(header)?.[1] ?? '';
  const decoded = decode(given);
  const key = [decoded, given, decode(decoded)].find((text) => apiKeyForm.test(text));
  return key ?? '';
}

function decode(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1').replace(/:$/, '');
}
