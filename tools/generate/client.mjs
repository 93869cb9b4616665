// The generated part of libs/client: types, operations and error classes of the tenants' API. The document is small and
// flat (objects, arrays, enumerations, references, one level of oneOf), and a generator for all of OpenAPI would name every
// type by its place in it: `components['schemas']['MessageDto']` instead of `Message`.
import { openApiDocument } from './openapi.mjs';

const head = '// Made from docs/openapi.json by `npm run generate`; do not edit.\n';

export async function clientTypes() {
  const { components, paths } = await openApiDocument();
  const schemas = components.schemas;
  const wanted = new Set();
  for (const { operation } of tenantOperations(paths))
    collect(bodyAndAnswer(operation), schemas, wanted);
  const names = Object.keys(schemas).filter((name) => wanted.has(name));
  assertDistinct(names);
  return head + names.map((name) => `\n${declaration(name, schemas[name])}`).join('');
}

export async function clientOperations() {
  const { paths } = await openApiDocument();
  const operations = tenantOperations(paths);
  const types = operations.map(({ operation }) => operationType(operation));
  const table = operations.map(({ path, method, operation }) => {
    const repeatable = method === 'get' || hasIdempotencyKey(operation);
    return `  ${operation.operationId}: { method: '${method.toUpperCase()}', path: '${path}', takesKey: ${hasIdempotencyKey(operation)}, isRepeatable: ${repeatable} },\n`;
  });
  const used = types.join('').match(/\bT\.\w+/g) ?? [];
  const imports = used.length === 0 ? '' : `import type * as T from './types.js';\n`;
  return `${head}${imports}
/** What each operation takes and answers, by its name in the API document. */
export interface Operations {
${types.join('')}}

/** How each operation is called. */
export const operations = {
${table.join('')}} as const satisfies Record<keyof Operations, object>;
`;
}

export async function clientErrors() {
  const { paths } = await openApiDocument();
  const problems = new Map();
  for (const { operation } of tenantOperations(paths)) {
    for (const { content } of Object.values(operation.responses)) {
      const examples = content?.['application/problem+json']?.examples ?? {};
      for (const [code, { summary, description }] of Object.entries(examples))
        problems.set(code, { summary, description });
    }
  }
  const sorted = [...problems].sort(([a], [b]) => (a < b ? -1 : 1));
  const classes = sorted.map(
    ([code, { summary, description }]) =>
      `\n${comment(`${summary}. ${description}`)}export class ${className(code)} extends ApiError {\n  static readonly code = '${code}';\n}\n`,
  );
  const table = sorted.map(([code]) => `  ${code}: ${className(code)},\n`);
  return `${head}import { ApiError } from '../api-error.js';
${classes.join('')}
export const errorsByCode = {
${table.join('')}} as const;
`;
}

function tenantOperations(paths) {
  return Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    )
    .filter(({ operation }) => operation.security?.some((scheme) => 'api_key' in scheme));
}

function bodyAndAnswer(operation) {
  return [bodyOf(operation), answerOf(operation)];
}

function bodyOf({ requestBody }) {
  return requestBody?.content?.['application/json']?.schema;
}

function answerOf({ responses }) {
  const [, success] = Object.entries(responses).find(([status]) => status.startsWith('2')) ?? [];
  return success?.content?.['application/json']?.schema;
}

function hasIdempotencyKey({ parameters = [] }) {
  return parameters.some(({ name }) => name === 'Idempotency-Key');
}

function operationType(operation) {
  const { operationId, summary, parameters = [] } = operation;
  const of = (place) => {
    const fields = parameters.filter((parameter) => parameter.in === place);
    if (fields.length === 0) return 'object';
    return `{\n${fields.map((field) => property(field.name, { description: field.description, ...field.schema }, field.required, 'T.', '      ')).join('')}    }`;
  };
  const body = bodyOf(operation);
  const isOptional = operation.requestBody !== undefined && operation.requestBody.required !== true;
  const bodyType =
    body === undefined ? 'undefined' : typeOf(body, 'T.') + (isOptional ? ' | undefined' : '');
  const answer = answerOf(operation);
  return `${comment(summary, '  ')}  ${operationId}: {
    path: ${of('path')};
    query: ${of('query')};
    body: ${bodyType};
    answer: ${answer === undefined ? 'undefined' : typeOf(answer, 'T.')};
  };
`;
}

function collect(schema, schemas, wanted) {
  if (schema === null || typeof schema !== 'object') return;
  const name = schema.$ref === undefined ? undefined : referenced(schema.$ref);
  if (name !== undefined) {
    if (wanted.has(name)) return;
    wanted.add(name);
    collect(schemas[name], schemas, wanted);
    return;
  }
  for (const part of Object.values(schema)) collect(part, schemas, wanted);
}

function declaration(name, schema) {
  const about = comment(schema.description);
  if (schema.enum) return `${about}export type ${shown(name)} = ${typeOf(schema)};\n`;
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([field, type]) =>
    property(field, type, required.has(field)),
  );
  return `${about}export interface ${shown(name)} {\n${fields.join('')}}\n`;
}

function property(name, schema, isRequired, prefix = '', indent = '  ') {
  const key = /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`;
  return `${comment(schema.description, indent)}${indent}${key}${isRequired ? '' : '?'}: ${typeOf(schema, prefix)};\n`;
}

function typeOf(schema, prefix = '') {
  const type = plainTypeOf(schema, prefix);
  return schema.nullable && type !== 'unknown' ? `${type} | null` : type;
}

function plainTypeOf(schema, prefix) {
  if (schema.$ref) return prefix + shown(referenced(schema.$ref));
  if (schema.allOf?.length === 1) return typeOf(schema.allOf[0], prefix);
  if (schema.oneOf) return schema.oneOf.map((one) => typeOf(one, prefix)).join(' | ');
  if (schema.enum) {
    const values = schema.enum.filter((value) => value !== null);
    return values
      .map((value) => (typeof value === 'string' ? `'${value}'` : String(value)))
      .join(' | ');
  }
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'array': {
      const item = typeOf(schema.items, prefix);
      return / \| /.test(item) ? `(${item})[]` : `${item}[]`;
    }
    case 'object':
      if (schema.properties) {
        const required = new Set(schema.required ?? []);
        const fields = Object.entries(schema.properties).map(
          ([name, field]) => `${name}${required.has(name) ? '' : '?'}: ${typeOf(field, prefix)}`,
        );
        return `{ ${fields.join('; ')} }`;
      }
      return typeof schema.additionalProperties === 'object'
        ? `Record<string, ${typeOf(schema.additionalProperties, prefix)}>`
        : 'Record<string, unknown>';
    default:
      return 'unknown';
  }
}

function referenced(ref) {
  return ref.slice(ref.lastIndexOf('/') + 1);
}

function shown(name) {
  return name.replace(/Dto$/, '');
}

function assertDistinct(names) {
  const twice = names.filter(
    (name, index) => names.findIndex((other) => shown(other) === shown(name)) !== index,
  );
  if (twice.length > 0) throw new Error(`the client cannot tell apart: ${twice.join(', ')}`);
}

function className(code) {
  return code
    .split('_')
    .map((word) => word[0].toUpperCase() + word.slice(1))
    .join('');
}

function comment(text, indent = '') {
  if (!text) return '';
  const lines = text.trim().replaceAll('*/', '*\\/').split('\n');
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join('\n')}\n${indent} */\n`;
}
