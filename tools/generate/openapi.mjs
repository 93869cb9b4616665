import { loadBuilt } from './load.mjs';

let made = null;

/** The document, made once for all that is generated from it. */
export function openApiDocument() {
  made ??= loadBuilt('openapi.js').then(({ buildOpenApiDocument }) => buildOpenApiDocument());
  return made;
}

export async function openApi() {
  return `${JSON.stringify(await openApiDocument(), null, 2)}\n`;
}
