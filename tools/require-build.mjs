// Before `npm run start:prod` and its like, which build nothing: production runs what was built before.
import { existsSync } from 'node:fs';

const needed = ['dist/apps/gateway/src/main.js', 'node_modules/@nestjs/core'];
const root = new URL('../', import.meta.url);

if (needed.some((path) => !existsSync(new URL(path, root)))) {
  console.error('Tyrian is not built: npm ci && npm run build');
  process.exit(1);
}
