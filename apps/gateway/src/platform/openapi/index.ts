export { createOpenApiDocument, mountOpenApi } from './openapi-document.js';
