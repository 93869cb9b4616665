/** For where a UUID goes into the text of a statement. */
export function uuidOnly(text: string): string {
  if (!/^[0-9a-f-]{36}$/.test(text)) throw new TypeError('a tenant id is a UUID in lower case');
  return text;
}
