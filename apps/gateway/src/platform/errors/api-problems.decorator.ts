import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { AppErrorClass } from './app-error.js';
import { ProblemDto } from './problem.dto.js';
import { problemType, type ProblemDefinition } from './problem.js';

const PROBLEMS = Symbol('problems');
const ROUTE_PATH = 'path';

/**
 * Lists in OpenAPI the errors that a handler, or each handler of a controller, can answer. Lists on a
 * class and on its methods add up.
 */
export function ApiProblems(...errors: readonly AppErrorClass[]): ClassDecorator & MethodDecorator {
  const problems = errors.map(({ problem }) => problem);
  return (target: object, key?: string | symbol, descriptor?: PropertyDescriptor) => {
    if (key !== undefined && descriptor !== undefined) {
      document(target, key, descriptor, problems);
      return;
    }
    const prototype = (target as { prototype: object }).prototype;
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const method = Object.getOwnPropertyDescriptor(prototype, name);
      const isRoute =
        typeof method?.value === 'function' && Reflect.hasMetadata(ROUTE_PATH, method.value);
      if (isRoute) document(prototype, name, method, problems);
    }
  };
}

function document(
  prototype: object,
  key: string | symbol,
  descriptor: PropertyDescriptor,
  added: readonly ProblemDefinition[],
): void {
  const handler = descriptor.value as object;
  const before = (Reflect.getMetadata(PROBLEMS, handler) ?? []) as ProblemDefinition[];
  const all = [...new Set([...before, ...added])];
  Reflect.defineMetadata(PROBLEMS, all, handler);
  const decorate = applyDecorators(
    ApiExtraModels(ProblemDto),
    ...Object.entries(describeProblems(all)).map(([status, response]) =>
      ApiResponse({ ...response, status: Number(status) }),
    ),
  );
  decorate(prototype, key, descriptor);
}

/** OpenAPI responses by status; each code of a status is an example. */
export function describeProblems(problems: readonly ProblemDefinition[]) {
  const byStatus = new Map<number, ProblemDefinition[]>();
  for (const problem of problems) {
    const { status } = problem;
    byStatus.set(status, [...(byStatus.get(status) ?? []), problem]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      String(status),
      {
        description: ofStatus.map(({ code, meaning }) => `\`${code}\`: ${meaning}`).join('\n\n'),
        content: {
          'application/problem+json': {
            schema: { $ref: getSchemaPath(ProblemDto) },
            examples: Object.fromEntries(
              ofStatus.map(({ code, title, action }) => [
                code,
                {
                  summary: title,
                  description: action,
                  value: { type: problemType(code), title, status, code, detail: `${title}.` },
                },
              ]),
            ),
          },
        },
      },
    ]),
  );
}
