import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

interface Property {
  readonly description?: string;
  readonly example?: unknown;
}
interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly security?: readonly object[];
  readonly responses: Readonly<
    Record<string, { content?: Record<string, { examples?: Record<string, unknown> }> }>
  >;
}

// What `npm run check` compares with the code.
const document = JSON.parse(
  readFileSync(new URL('../docs/openapi.json', import.meta.url), 'utf8'),
) as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties?: Record<string, Property> }> };
};

const properties = Object.entries(document.components.schemas).flatMap(
  ([schema, { properties: fields }]) =>
    Object.entries(fields ?? {}).map(([name, field]) => ({ name: `${schema}.${name}`, field })),
);
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

function codesOf({ responses }: Operation): string[] {
  return Object.values(responses).flatMap(({ content }) =>
    Object.keys(content?.['application/problem+json']?.examples ?? {}),
  );
}

describe('the API document', () => {
  it('describes every field', () => {
    expect(properties.length).toBeGreaterThan(150);
    expect(properties.filter(({ field }) => !field.description).map(({ name }) => name)).toEqual(
      [],
    );
  });

  it('gives an example of every field, its own or that of the object in it', () => {
    const lacking = properties.filter(
      ({ field }) => field.example === undefined && !JSON.stringify(field).includes('"$ref"'),
    );
    expect(lacking.map(({ name }) => name)).toEqual([]);
  });

  it('names and sums up every operation', () => {
    const nameless = operations.filter(
      ({ operation }) => !operation.operationId || !operation.summary,
    );
    expect(nameless).toEqual([]);
    const names = operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
  });

  it('lists for every operation the errors that all of its kind have', () => {
    const lacking = operations.flatMap(({ path, method, operation }) => {
      const isSignedIn = operation.security !== undefined;
      const writes = method !== 'get';
      const expected = [
        'internal_error',
        ...(isSignedIn ? ['unauthenticated', 'database_unavailable', 'invalid_request'] : []),
        ...(isSignedIn && writes ? ['outcome_unknown'] : []),
        ...(writes
          ? [
              'malformed_json',
              'duplicate_json_key',
              'json_too_deep',
              'request_too_large',
              'unsupported_media_type',
            ]
          : []),
        ...(path.includes('{') ? ['not_found'] : []),
      ];
      const listed = codesOf(operation);
      return expected
        .filter((code) => !listed.includes(code))
        .map((code) => `${method} ${path} ${code}`);
    });
    expect(lacking).toEqual([]);
  });
});
