/** Lengths in code points, both ends included: the provider does not say how it counts an emoji. */
export const textLength = { min: 1, max: 1000 } as const;
export const buttonCaptionLength = { min: 1, max: 30 } as const;
export const senderLength = { min: 1, max: 20 } as const;

/** Bounds of the wire's `validity_period` in seconds, both included. */
export const validityPeriodSeconds = { min: 40, max: 21_600 } as const;

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
