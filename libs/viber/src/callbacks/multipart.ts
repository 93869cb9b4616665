/**
 * The fields of a `multipart/form-data` body, told by its own first line, so that no header is needed. Files are
 * left out.
 *
 * @returns null for anything else, and for a body that was cut off.
 */
export function readMultipart(body: string): [name: string, value: string][] | null {
  const boundary = /^--([^\r\n]{1,70})\r?\n/.exec(body)?.[1]?.trimEnd();
  if (boundary === undefined) return null;
  const fields: [string, string][] = [];
  for (const part of `\n${body}`.split(`\n--${boundary}`).slice(1)) {
    if (part.startsWith('--')) return fields;
    const [, head, value] = /^[ \t]*\r?\n(.*?)\r?\n\r?\n(.*)$/s.exec(part) ?? [];
    if (head === undefined || value === undefined) return null;
    const name = fieldName(head);
    if (name !== null) fields.push([name, value.replace(/\r$/, '')]);
  }
  // What closes the last part never came: something may be missing.
  return null;
}

function fieldName(head: string): string | null {
  const disposition = /^content-disposition:\s*form-data\s*;(.*)$/im.exec(head)?.[1];
  if (disposition === undefined || /;\s*filename\*?=/i.test(`;${disposition}`)) return null;
  const [, quoted, plain] = /(?:^|;)\s*name=(?:"([^"]*)"|([^\s;"]+))/i.exec(disposition) ?? [];
  return quoted ?? plain ?? null;
}
