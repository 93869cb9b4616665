import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** One statement of a `.sql` file, prepared under a name of its own on each connection. */
export interface SqlStatement {
  readonly name: string;
  readonly text: string;
}

/**
 * Reads the statement that stands beside the calling module.
 * @param moduleUrl `import.meta.url` of the caller
 * @param path relative to it, such as `./sql/accept.sql`
 */
export function sqlFile(moduleUrl: string, path: string): SqlStatement {
  const text = readFileSync(new URL(path, moduleUrl), 'utf8').trim().replace(/;$/, '');
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
  const base = path.slice(path.lastIndexOf('/') + 1).replace(/\.sql$/, '');
  return { name: `${base}_${digest}`, text };
}
