import fc from 'fast-check';

/** What a request schema of docs/openapi.json may say; anything else of JSON Schema does not occur there. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly nullable?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly example?: unknown;
}

/** Strings that have broken parsers, databases and screens before. */
export const naughtyStrings = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'x\udfffy',
  '\uffff',
  '\ufeff',
  '\u202e evil',
  'e\u0301',
  '👩‍👩‍👧‍👦',
  '𝒳'.repeat(1_000),
  'a'.repeat(1_001),
  "'; drop table messages; --",
  '${jndi:ldap://127.0.0.1/x}',
  '{{7*7}}',
  '../../etc/passwd',
  '<script>alert(1)</script>',
  '%00',
  '%s%n',
  '\r\nX-Injected: 1',
  'null',
  'NaN',
  '-0',
  '1e309',
  '0x10',
  '9'.repeat(400),
  '__proto__',
  'constructor',
  'toString',
  '2026-02-30T25:61:61Z',
  '9999-12-31T23:59:59.999999999+14:00',
  '-271821-04-20T00:00:00Z',
  'msg_00000000000000000000000000',
  'acc_7zzzzzzzzzzzzzzzzzzzzzzzzz',
  '00000000-0000-0000-0000-000000000000',
  'http://[::1]:0/\u0000',
  'javascript:alert(1)',
];

const oddNumbers = [0, -0, -1, 1.5, 1e21, -1e21, 2 ** 53, 2 ** 53 + 2, 1e308, 5e-324];

/** Any JSON value, with its traps: other types than expected, keys that would change an object, depth. */
export const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...naughtyStrings),
  fc.constantFrom(...oddNumbers),
  fc.constantFrom(null, true, false, [], {}, [[]], [{}], { a: null }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Values that mostly fit a schema, and now and then do not. */
export function valuesOf(
  schema: Schema,
  components: Readonly<Record<string, Schema>>,
): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 12, arbitrary: fittingValues(schema, components) },
    { weight: 1, arbitrary: anyValue },
    ...(schema.nullable === true ? [{ weight: 1, arbitrary: fc.constant(null) }] : []),
  );
}

function fittingValues(
  schema: Schema,
  components: Readonly<Record<string, Schema>>,
): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
    return valuesOf(components[name] ?? {}, components);
  }
  const [part] = schema.allOf ?? [];
  if (part !== undefined) return valuesOf(part, components);
  const any =
    schema.oneOf === undefined
      ? typedValues(schema, components)
      : fc.oneof(...schema.oneOf.map((choice) => valuesOf(choice, components)));
  return fc.oneof(
    { weight: 1, arbitrary: any },
    // The example fits in every way: with it a request gets further than its first field.
    ...(schema.example === undefined || schema.example === null
      ? []
      : [{ weight: 2, arbitrary: fc.constant(schema.example) }]),
  );
}

function typedValues(
  schema: Schema,
  components: Readonly<Record<string, Schema>>,
): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type ?? 'any') {
    case 'string':
      return strings(schema);
    case 'integer':
      return fc.integer({
        min: (schema.minimum ?? -10) - 1,
        max: (schema.maximum ?? 10_000) + 1,
      });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, components), {
        minLength: Math.min(schema.minItems ?? 0, 3),
        maxLength: Math.min(schema.maxItems ?? 5, 5),
      });
    case 'object':
      return objects(schema, components);
    default:
      return anyValue;
  }
}

function strings(schema: Schema): fc.Arbitrary<unknown> {
  const any = fc.string({
    unit: 'binary',
    minLength: schema.minLength ?? 0,
    maxLength: Math.min(schema.maxLength ?? 100, 300),
  });
  if (schema.format === 'date-time')
    return fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      any,
    );
  if (schema.format === 'uri') return fc.oneof(fc.webUrl(), any);
  return any;
}

/** Without these a message is refused for what it lacks, and the rest of it is never looked at. */
const anchors: ReadonlySet<string> = new Set(['recipient', 'text', 'messages']);

function objects(
  schema: Schema,
  components: Readonly<Record<string, Schema>>,
): fc.Arbitrary<unknown> {
  const properties = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, property]) => [
      name,
      valuesOf(property, components),
    ]),
  );
  const known = fc.record(properties, { requiredKeys: [...(schema.required ?? [])] });
  const extraKeys = fc.dictionary(
    fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom(...naughtyStrings)),
    anyValue,
    { maxKeys: 3 },
  );
  if (typeof schema.additionalProperties === 'object') {
    return fc.oneof(
      fc.dictionary(
        fc.string({ maxLength: 45 }),
        valuesOf(schema.additionalProperties, components),
        { maxKeys: 22 },
      ),
      extraKeys,
    );
  }
  const optional = Object.keys(properties).filter((name) => !anchors.has(name));
  const few = fc
    .tuple(
      fc.record(properties),
      fc.subarray(optional, { maxLength: Math.min(3, optional.length) }),
    )
    .map(([all, chosen]) =>
      Object.fromEntries(
        Object.entries(all).filter(
          ([name]) =>
            anchors.has(name) || chosen.includes(name) || schema.required?.includes(name) === true,
        ),
      ),
    );
  return fc.oneof(
    { weight: 8, arbitrary: few },
    { weight: 2, arbitrary: known },
    {
      weight: 1,
      arbitrary: fc.tuple(known, extraKeys).map(([fields, extra]) => ({ ...extra, ...fields })),
    },
  );
}
