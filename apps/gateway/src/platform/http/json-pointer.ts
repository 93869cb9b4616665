/** One step deeper into a JSON value, as in RFC 6901. Half a surrogate pair shows as U+FFFD. */
export function pointerTo(parent: string, key: string | number): string {
  const name = String(key).replaceAll(/\p{Surrogate}/gu, '\ufffd');
  return `${parent}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/**
 * The place of the first value that is wrong, in the order of the text; null when none is.
 *
 * @param isWrong gets the value and, for a member of an object, its key
 */
export function findPointer(
  value: unknown,
  isWrong: (value: unknown, key?: string) => boolean,
): string | null {
  return search(value, '', undefined, isWrong);
}

function search(
  value: unknown,
  pointer: string,
  key: string | undefined,
  isWrong: (value: unknown, key?: string) => boolean,
): string | null {
  if (isWrong(value, key)) return pointer;
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, member] of Object.entries(value)) {
    const ownKey = Array.isArray(value) ? undefined : name;
    const found = search(member, pointerTo(pointer, name), ownKey, isWrong);
    if (found !== null) return found;
  }
  return null;
}
