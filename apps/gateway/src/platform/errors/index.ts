export { ApiProblems, describeProblems } from './api-problems.decorator.js';
export { AppError, type AppErrorClass, type AppErrorOptions } from './app-error.js';
export { FieldErrorDto, ProblemDto } from './problem.dto.js';
export {
  defineProblem,
  listProblems,
  type FieldError,
  type Problem,
  type ProblemDefinition,
} from './problem.js';
export {
  DuplicateJsonKey,
  Forbidden,
  HeadersTooLarge,
  InvalidCharacters,
  InvalidRequest,
  JsonTooDeep,
  MalformedHttp,
  MalformedJson,
  MethodNotAllowed,
  NoSuchRoute,
  NotFound,
  NumberNotExact,
  RequestTimeout,
  RequestTooLarge,
  Unauthenticated,
  UnsupportedMediaType,
  UriTooLong,
} from './request-errors.js';
export {
  DatabaseUnavailable,
  InternalError,
  OutcomeUnknown,
  Overloaded,
} from './service-errors.js';
