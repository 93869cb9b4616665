import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import {
  DatabaseUnavailable,
  describeProblems,
  DuplicateJsonKey,
  InternalError,
  InvalidCharacters,
  InvalidRequest,
  JsonTooDeep,
  MalformedJson,
  NumberNotExact,
  OutcomeUnknown,
  ProblemDto,
  RequestTooLarge,
  Unauthenticated,
  UnsupportedMediaType,
  type ProblemDefinition,
} from '../errors/index.js';
import { productVersion } from '../process/index.js';

const PROBLEM_JSON = 'application/problem+json';

const description = `A self-hosted gateway for Viber Business Messages.

Sign in with \`Authorization: Bearer <key>\`. Errors are \`${PROBLEM_JSON}\` (RFC 9457) with a stable \`code\`; the X-Request-Id header of each answer names the request. New fields and new values of enumerations may appear in answers; unknown fields in requests are errors.`;

/** The API of the application's controllers, with the errors that every operation has in common. */
export function createOpenApiDocument(app: INestApplication): OpenAPIObject {
  const base = new DocumentBuilder()
    .setOpenAPIVersion('3.0.3')
    .setTitle('Tyrian')
    .setDescription(description)
    .setVersion(productVersion)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth({ type: 'http', description: 'An API key of a tenant.' }, 'api_key')
    .addBearerAuth({ type: 'http', description: 'One of ADMIN_TOKEN.' }, 'admin_token')
    .build();
  const document = SwaggerModule.createDocument(app, base, { extraModels: [ProblemDto] });
  for (const { method, operation } of operationsOf(document)) {
    const common = describeProblems(commonProblems(method, operation));
    for (const [status, response] of Object.entries(common)) {
      addResponse(operation, status, response);
    }
  }
  return document;
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type ProblemResponse = ReturnType<typeof describeProblems>[string];

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
type Method = (typeof methods)[number];

function operationsOf({ paths }: OpenAPIObject): { method: Method; operation: Operation }[] {
  return Object.values(paths).flatMap((path) =>
    methods.flatMap((method) => {
      const operation = path[method];
      return operation === undefined ? [] : [{ method, operation }];
    }),
  );
}

function commonProblems(method: Method, operation: Operation): ProblemDefinition[] {
  const isSignedIn = operation.security !== undefined;
  const writes = method !== 'get';
  const hasQuery = operation.parameters?.some(
    (parameter) => 'in' in parameter && parameter.in === 'query',
  );
  return [
    ...(isSignedIn ? [Unauthenticated, DatabaseUnavailable] : []),
    ...(isSignedIn && writes ? [OutcomeUnknown] : []),
    // Also where an operation takes neither query nor body: a field that nobody asked for is an error.
    ...(isSignedIn || hasQuery ? [InvalidRequest] : []),
    ...(hasQuery ? [InvalidCharacters] : []),
    // A body is read before it is known that none was asked for.
    ...(writes
      ? [
          MalformedJson,
          DuplicateJsonKey,
          InvalidCharacters,
          JsonTooDeep,
          NumberNotExact,
          RequestTooLarge,
          UnsupportedMediaType,
        ]
      : []),
    InternalError,
  ].map(({ problem }) => problem);
}

/** Joins the operation's own errors of that status, which come first. */
function addResponse(operation: Operation, status: string, common: ProblemResponse): void {
  const own = operation.responses[status] as ProblemResponse | undefined;
  const ownContent = own?.content?.[PROBLEM_JSON];
  if (own === undefined || ownContent === undefined) {
    operation.responses[status] = own ?? common;
    return;
  }
  const content = common.content[PROBLEM_JSON];
  const added = Object.keys(content.examples).filter((code) => !(code in ownContent.examples));
  operation.responses[status] = {
    ...own,
    description: [
      own.description,
      ...common.description
        .split('\n\n')
        .filter((line) => added.some((code) => line.startsWith(`\`${code}\``))),
    ].join('\n\n'),
    content: {
      [PROBLEM_JSON]: { ...content, examples: { ...content.examples, ...ownContent.examples } },
    },
  };
}

/** Serves the page at /docs and the document at /openapi.json; the page needs no other host. */
export function mountOpenApi(app: INestApplication): void {
  // Made on the first request: a start must not wait for it.
  SwaggerModule.setup('docs', app, () => createOpenApiDocument(app), {
    raw: ['json'],
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Tyrian API',
    swaggerOptions: { persistAuthorization: true, validatorUrl: null },
  });
}
