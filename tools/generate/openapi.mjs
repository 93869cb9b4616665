import { loadBuilt } from './load.mjs';

export async function openApi() {
  const { buildOpenApiDocument } = await loadBuilt('openapi.js');
  return `${JSON.stringify(await buildOpenApiDocument(), null, 2)}\n`;
}
