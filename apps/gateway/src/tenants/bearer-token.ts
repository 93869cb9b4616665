/** The credential of an Authorization header; empty where it is none of the scheme Bearer. */
export function bearerToken(header: string | undefined): string {
  if (header === undefined || header.length > 4_096) return '';
  return /^Bearer +(\S+) *$/i.exec(header)?.[1] ?? '';
}
