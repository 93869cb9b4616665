/** What people put between the digits of a number: blanks, hyphens, parentheses, dots. */
const separators = /[\s\u2010-\u2015\u2212().-]/g;

/** `+44 (0)20 …`: the zero is for callers inside the country; with it the number is somebody else's. */
const trunkZero = /\(\s*0\s*\)/;

/** The shape of E.164. Numbering plans are not asked: a stale one refuses real customers. */
const e164 = /^[1-9][0-9]{6,14}$/;

/**
 * The digits of a recipient's number with its country code, without `+`; null where it has not the shape of E.164.
 * Takes `+380…`, `00380…`, `380…`, blanks, hyphens, dots and parentheses between them, and integers.
 */
export function readRecipient(given: unknown): string | null {
  if (typeof given === 'number')
    return Number.isSafeInteger(given) ? digitsOf(String(given)) : null;
  if (typeof given !== 'string' || given.length > 64 || trunkZero.test(given)) return null;
  const dense = given.replace(separators, '');
  if (dense.startsWith('+')) return digitsOf(dense.slice(1));
  if (dense.startsWith('00')) return digitsOf(dense.slice(2));
  return digitsOf(dense);
}

/** A recipient as the API shows it. */
export function showRecipient(digits: string): string {
  return `+${digits}`;
}

function digitsOf(text: string): string | null {
  return e164.test(text) ? text : null;
}
