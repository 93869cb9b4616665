// `npm run generate`: writes every file that is made from the code. With --check it writes nothing,
// and fails when one differs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { clientErrors, clientOperations, clientTypes } from './generate/client.mjs';
import { configurationPage, environmentExample } from './generate/configuration.mjs';
import { errorsPage } from './generate/errors.mjs';
import { moduleGraph } from './generate/module-graph.mjs';
import { openApi } from './generate/openapi.mjs';
import { schema } from './generate/schema.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const generated = {
  'docs/configuration.md': configurationPage,
  '.env.example': environmentExample,
  'docs/errors.md': errorsPage,
  'docs/module-graph.md': moduleGraph,
  'docs/openapi.json': openApi,
  'libs/client/src/generated/errors.ts': clientErrors,
  'libs/client/src/generated/operations.ts': clientOperations,
  'libs/client/src/generated/types.ts': clientTypes,
  'docs/schema.sql': schema,
};

const isCheck = process.argv.includes('--check');
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
let failures = 0;
for (const [name, generate] of Object.entries(generated)) {
  if (names.length > 0 && !names.includes(name)) continue;
  const file = join(root, name);
  const text = await generate().catch((error) => {
    failures += 1;
    console.error(`${name} could not be made: ${error.message}`);
    return null;
  });
  if (text === null || text === readOrEmpty(file)) continue;
  if (isCheck) {
    failures += 1;
    console.error(`${name} is out of date: run npm run generate.`);
  } else {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    console.log(`${name} written`);
  }
}
// The Nest application that the OpenAPI page comes from may hold the process open.
process.exit(failures === 0 ? 0 : 1);

function readOrEmpty(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}
