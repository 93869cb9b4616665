const printable = /^[\x20-\x7e]+$/;

/**
 * The key in an Authorization header, or null. Three forms are in use: base64 of `KEY` without a colon, base64
 * of `KEY:`, and a string that the account manager encoded himself; where that is no base64 of printable
 * characters, the string itself is the key.
 */
export function keyOf(authorization: string | undefined): string | null {
  const given = /^basic +(\S+)\s*$/i.exec(authorization ?? '')?.[1];
  if (given === undefined) return null;
  const decoded = Buffer.from(given, 'base64');
  const isBase64 = stripPadding(decoded.toString('base64')) === stripPadding(given);
  const text = decoded.toString('latin1');
  const key = isBase64 && printable.test(text) ? text : given;
  return key.replace(/:$/, '') || null;
}

function stripPadding(base64: string): string {
  return base64.replace(/=+$/, '');
}
