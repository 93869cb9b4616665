/** Lengths in code points, both ends included: the provider does not say how it counts an emoji. */
export const textLength = { min: 1, max: 1000 } as const;
export const buttonCaptionLength = { min: 1, max: 30 } as const;
export const senderLength = { min: 1, max: 20 } as const;

/** Bounds of the wire's `validity_period` in seconds, both included. */
export const validityPeriodSeconds = { min: 40, max: 21_600 } as const;

/** What fits one SMS: in the alphabet of GSM 03.38 and in any other; both in that alphabet's own units. */
export const smsLength = { latin: 160, other: 70 } as const;

const gsmLetters =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
/** Written as two. */
const gsmExtended = '\f^{}\\[~]|€';
const gsmUnits = new Map([
  ...[...gsmLetters].map((letter) => [letter, 1] as const),
  ...[...gsmExtended].map((letter) => [letter, 2] as const),
]);

/** Whether a text fits one SMS: 160 letters of GSM 03.38, of which a few count twice, or 70 UTF-16 units of any other. */
export function fitsSms(text: string): boolean {
  if (text.length === 0 || text.length > smsLength.latin) return false;
  if (text.length <= smsLength.other) return true;
  let units = 0;
  for (const letter of text) units += gsmUnits.get(letter) ?? Infinity;
  return units <= smsLength.latin;
}

/** Number of code points; a lone surrogate counts as one. */
export function codePoints(text: string): number {
  let pairs = 0;
  for (let index = 1; index < text.length; index++) {
    const isLow = (text.charCodeAt(index) & 0xfc00) === 0xdc00;
    if (isLow && (text.charCodeAt(index - 1) & 0xfc00) === 0xd800) {
      pairs++;
      index++;
    }
  }
  return text.length - pairs;
}

/** Whether a text's code points lie within bounds, without counting a text that is hopelessly long. */
export function fitsLength(text: string, bounds: { min: number; max: number }): boolean {
  if (text.length > bounds.max * 2) return false;
  const count = codePoints(text);
  return count >= bounds.min && count <= bounds.max;
}
