import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/root.js';
import { anyValue, naughtyStrings, valuesOf, type Schema } from './json-schema-values.js';

export interface FuzzedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | null;
  /** What was meant to be sent, where the body is JSON as it should be. */
  readonly value: unknown;
  readonly operation: string;
}

export interface Signatures {
  /** For messages: of a tenant with one account, which nothing else touches. */
  readonly sender: string;
  /** For all else of tenants: what it makes is its own. */
  readonly tenant: string;
  readonly adminToken: string;
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: { content: Readonly<Record<string, { schema: Schema }>> };
  readonly parameters?: readonly { name: string; in: string; schema?: Schema }[];
  readonly security?: readonly Readonly<Record<string, unknown>>[];
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const document = JSON.parse(readFileSync(join(root, 'docs/openapi.json'), 'utf8')) as Document;

/** Broken in its text: what no value could show. */
const mangled: readonly ((json: string) => Buffer)[] = [
  (json) => Buffer.from(json.slice(0, Math.floor(json.length / 2))),
  (json) => Buffer.from(`${json}${json}`),
  (json) => Buffer.from(json.replace('{', '{"text":"once","text":"twice",')),
  (json) => Buffer.from(json.replace('{', '{"__proto__":{"polluted":true},')),
  (json) => Buffer.from(json.replace('{', '{"constructor":{"prototype":{"polluted":true}},')),
  (json) => Buffer.from(json.replace('{', `{"metadata":${'['.repeat(200)}${']'.repeat(200)},`)),
  () => Buffer.from('['.repeat(100_000)),
  (json) => Buffer.from(json.replace('{', '{"text":"\\u0000",')),
  (json) => Buffer.from(json.replace('{', '{"text":"\\ud800",')),
  (json) => Buffer.from(json.replace('{', '{"recipient":380671234567.5,')),
  (json) => Buffer.from(json.replace('{', '{"recipient":99999999999999999999,')),
  (json) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(json)]),
  (json) => Buffer.concat([Buffer.from(json.slice(0, -1)), Buffer.from([0xff, 0xfe, 0x7d])]),
  (json) => Buffer.from(json, 'utf16le'),
  () => Buffer.from('null'),
  () => Buffer.from('"text"'),
  () => Buffer.from('0'),
  () => Buffer.alloc(0),
];

const contentTypes = [
  'application/json; charset=utf-8',
  'application/json; charset=utf-16',
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json;;',
  'APPLICATION/JSON',
];

/** The operation whose requests are compared with what was stored of them: the more of them the better. */
export const readBack = 'sendMessage';

/** Endless, repeatable requests to every operation of docs/openapi.json, most of them with a body. */
export function fuzzedRequests(
  signatures: Signatures,
  ids: Readonly<Record<string, string>>,
  count: number,
  seed: number,
): FuzzedRequest[] {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      requestsOf(path, method, operation, signatures, ids),
    ),
  );
  const withBody = operations.filter((operation) => operation.hasBody);
  const arbitrary = fc.oneof(
    ...withBody.map(({ name, requests }) => ({
      weight: name === readBack ? 24 : 4,
      arbitrary: requests,
    })),
    ...operations.map(({ requests }) => ({ weight: 1, arbitrary: requests })),
  );
  return fc.sample(arbitrary, { numRuns: count, seed });
}

function requestsOf(
  path: string,
  method: string,
  operation: Operation,
  signatures: Signatures,
  ids: Readonly<Record<string, string>>,
): { name: string; hasBody: boolean; requests: fc.Arbitrary<FuzzedRequest> } {
  const { schemas } = document.components;
  const schema = operation.requestBody?.content['application/json']?.schema;
  const isAdmin = operation.security?.some((entry) => 'admin_token' in entry) === true;
  const token = isAdmin
    ? signatures.adminToken
    : path.startsWith('/v1/messages')
      ? signatures.sender
      : signatures.tenant;
  const parameters = operation.parameters ?? [];
  const requests = fc
    .record({
      ids: fc.array(
        fc.oneof(
          { weight: 3, arbitrary: fc.constantFrom(...Object.values(ids)) },
          {
            weight: 1,
            arbitrary: fc.constantFrom(...naughtyStrings.filter((text) => text !== '')),
          },
        ),
        { minLength: 2, maxLength: 2 },
      ),
      query: fc.record(
        Object.fromEntries(
          parameters
            .filter((parameter) => parameter.in === 'query')
            .map(({ name, schema: of }) => [
              name,
              fc.oneof(
                valuesOf(name === 'wait_seconds' ? soon(of) : (of ?? {}), schemas),
                fc.constantFrom(...naughtyStrings),
              ),
            ]),
        ),
        { requiredKeys: [] },
      ),
      value: schema === undefined ? anyValue : valuesOf(schema, schemas),
      mangle: rarely(5, fc.constantFrom(...mangled)),
      contentType: rarely(12, fc.constantFrom(...contentTypes)),
      key: rarely(5, fc.oneof(fc.string({ maxLength: 260 }), fc.uuid())),
    })
    .map((draw): FuzzedRequest => {
      const json = JSON.stringify(draw.value) ?? '';
      const hasBody = method !== 'get' && (schema !== undefined || json.length % 7 === 0);
      const query = queryOf(draw.query);
      return {
        method: method.toUpperCase(),
        path: `${pathOf(path, draw.ids)}${query === '' ? '' : `?${query}`}`,
        headers: {
          authorization: `Bearer ${token}`,
          ...(hasBody ? { 'content-type': draw.contentType ?? 'application/json' } : {}),
          ...(draw.key !== null && isHeaderValue(draw.key) ? { 'idempotency-key': draw.key } : {}),
        },
        body: hasBody ? (draw.mangle?.(json) ?? Buffer.from(json)) : null,
        value: hasBody && draw.mangle === null ? draw.value : undefined,
        operation: operation.operationId,
      };
    });
  return { name: operation.operationId, hasBody: schema !== undefined, requests };
}

/** Who asks to wait for an event would wait: there is none to come. */
function soon(schema: Schema | undefined): Schema {
  return { ...schema, maximum: 1 };
}

/** null but for one time in so many. */
function rarely<T>(times: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: times - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
}

function pathOf(path: string, values: readonly string[]): string {
  let index = 0;
  return path.replaceAll(/\{\w+\}/g, () => encoded(values[index++] as string));
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(textOf(value))}`)
    .join('&');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** A lone surrogate has no UTF-8: its three bytes go out as a careless client would write them. */
function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return '%ED%A0%80';
  }
}

function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e\x80-\xff]*$/.test(text);
}
