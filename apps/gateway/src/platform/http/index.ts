export { configureHttpApp, createHttpApp, httpAppOptions } from './http-app.js';
export { createHttpAdapter } from './http-adapter.js';
export { pointerTo } from './json-pointer.js';
export { QueryBoolean, QueryInteger, QueryList } from './query-parameters.js';
export { bindToRequestLog } from './request-log.js';
export { RequestValidationPipe } from './request-validation.pipe.js';
export { BodyLimit, RawBody } from './route-options.js';
export { toFieldErrors } from './field-errors.js';
export { CannotListen, listen } from './listen.js';
