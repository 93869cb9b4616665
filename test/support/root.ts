import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the repository, found from a source as well as from what was compiled of it into `dist`. */
export const root = findRoot(dirname(fileURLToPath(import.meta.url)));

/** A file that `npm run build` made. */
export function built(path: string): string {
  return join(root, 'dist', path);
}

function findRoot(directory: string): string {
  if (existsSync(join(directory, 'package-lock.json'))) return directory;
  return findRoot(dirname(directory));
}
