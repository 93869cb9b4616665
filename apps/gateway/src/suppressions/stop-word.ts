/** Punctuation, symbols, emoji with what joins and colours them, and characters that show nothing. */
const ignored = /[\p{P}\p{S}\p{C}\ufe00-\ufe0f\u20e3]/gu;

/** A reply is no longer than this where it is a stop word; what is longer is not looked at. */
const longest = 200;

/** A text as stop words are compared: without case, punctuation and surplus blanks. */
export function foldedWord(text: string): string {
  // Up and down again: what has one form in one case only becomes equal as well, such as ß and ss.
  const folded = text.normalize('NFKC').toUpperCase().toLowerCase();
  return folded.replaceAll(/\s+/gu, ' ').replaceAll(ignored, '').replaceAll(/ +/g, ' ').trim();
}

/** The stop word that a reply is; null where it is none, also where it holds one among others. */
export function stopWordIn(text: string | null, words: readonly string[]): string | null {
  if (text === null || text.length > longest) return null;
  const said = foldedWord(text);
  if (said === '') return null;
  return words.find((word) => foldedWord(word) === said) ?? null;
}
