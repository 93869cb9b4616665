/** Whether PostgreSQL can keep the text: it holds neither a NUL nor half of a surrogate pair. */
export function isStorable(text: string): boolean {
  // In a regular expression with /u only half a pair is a surrogate.
  return !/\p{Surrogate}|\0/u.test(text);
}
