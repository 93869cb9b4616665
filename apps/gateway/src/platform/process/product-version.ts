import { readFileSync } from 'node:fs';

const packageFile = new URL('../../../../../package.json', import.meta.url);
const builtPackageFile = new URL('../../../../../../package.json', import.meta.url);

/** The version in package.json, found from the sources and from dist alike. */
export const productVersion: string = readVersion();

function readVersion(): string {
  for (const file of [packageFile, builtPackageFile]) {
    try {
      return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
    } catch {
      // The other place holds it.
    }
  }
  return 'unknown';
}
