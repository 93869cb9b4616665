import { AppError } from './app-error.js';
import { defineProblem, type FieldError } from './problem.js';

/** The one answer for an absent object and for one of another tenant, alike to the byte. */
export class NotFound extends AppError {
  static readonly problem = defineProblem({
    code: 'not_found',
    status: 404,
    title: 'Not found',
    meaning: 'There is no such object, or it belongs to another tenant: the answer is the same.',
    action: 'Check the id and with whose API key you ask.',
  });

  constructor() {
    super(NotFound.problem, { detail: 'There is no such object.' });
  }
}

export class NoSuchRoute extends AppError {
  static readonly problem = defineProblem({
    code: 'no_such_route',
    status: 404,
    title: 'No such route',
    meaning: 'The path of the URL is none of the gateway’s.',
    action: 'Compare the URL with the API reference at /docs.',
  });

  constructor() {
    super(NoSuchRoute.problem, { detail: 'The gateway has no such path.' });
  }
}

export class MethodNotAllowed extends AppError {
  static readonly problem = defineProblem({
    code: 'method_not_allowed',
    status: 405,
    title: 'Method not allowed',
    meaning:
      'The path exists, but not with this method. The Allow header lists the methods it takes.',
    action: 'Use one of the methods in the Allow header.',
  });

  constructor(allowed: readonly string[]) {
    super(MethodNotAllowed.problem, {
      detail: `This path takes ${allowed.join(', ')}.`,
      headers: { allow: allowed.join(', ') },
    });
  }
}

export class Unauthenticated extends AppError {
  static readonly problem = defineProblem({
    code: 'unauthenticated',
    status: 401,
    title: 'Not signed in',
    meaning: 'The Authorization header is absent, or its key is unknown, revoked or expired.',
    action: 'Send `Authorization: Bearer <API key>` with a key that is valid.',
  });

  constructor(detail = 'Send a valid key as `Authorization: Bearer <key>`.') {
    super(Unauthenticated.problem, { detail, headers: { 'www-authenticate': 'Bearer' } });
  }
}

export class Forbidden extends AppError {
  static readonly problem = defineProblem({
    code: 'forbidden',
    status: 403,
    title: 'Forbidden',
    meaning: 'Whoever is signed in may not do this.',
    action: 'Sign in as somebody who may.',
  });

  constructor() {
    super(Forbidden.problem);
  }
}

/** The request is not shaped as documented; `errors` names each field. */
export class InvalidRequest extends AppError {
  static readonly problem = defineProblem({
    code: 'invalid_request',
    status: 400,
    title: 'Invalid request',
    meaning: 'Fields are missing, unknown, or have a wrong type or value. `errors` names each one.',
    action: 'Correct the fields that `errors` points to.',
  });

  constructor(errors: readonly FieldError[], detail?: string) {
    super(InvalidRequest.problem, {
      detail: detail ?? summaryOf(errors),
      ...(errors.length === 0 ? {} : { errors }),
    });
  }
}

function summaryOf(errors: readonly FieldError[]): string {
  const [first] = errors;
  if (first === undefined) return 'The request is not shaped as documented.';
  return errors.length === 1 ? first.detail : `${errors.length} fields are not right.`;
}

export class MalformedJson extends AppError {
  static readonly problem = defineProblem({
    code: 'malformed_json',
    status: 400,
    title: 'Malformed JSON',
    meaning: 'The body is empty, or no JSON in UTF-8.',
    action: 'Send one JSON value, encoded in UTF-8.',
  });

  constructor(detail: string) {
    super(MalformedJson.problem, { detail });
  }
}

export class DuplicateJsonKey extends AppError {
  static readonly problem = defineProblem({
    code: 'duplicate_json_key',
    status: 400,
    title: 'Duplicate JSON key',
    meaning: 'An object in the body names a key twice, so that it is not clear which value counts.',
    action: 'Send each key once.',
  });

  constructor(pointer: string) {
    super(DuplicateJsonKey.problem, { pointer, detail: 'This key stands twice in its object.' });
  }
}

export class InvalidCharacters extends AppError {
  static readonly problem = defineProblem({
    code: 'invalid_characters',
    status: 400,
    title: 'Invalid characters',
    meaning: 'A string or a key holds a NUL or half of a surrogate pair, which no one can store.',
    action: 'Remove the character, or encode the text anew.',
  });

  constructor(pointer: string, detail: string) {
    super(InvalidCharacters.problem, { pointer, detail });
  }
}

export class JsonTooDeep extends AppError {
  static readonly problem = defineProblem({
    code: 'json_too_deep',
    status: 400,
    title: 'JSON nested too deep',
    meaning: 'Objects and arrays of the body are nested deeper than LIMIT_JSON_DEPTH.',
    action: 'Send a flatter body.',
  });

  constructor(maximumDepth: number) {
    super(JsonTooDeep.problem, {
      detail: `The body is nested deeper than ${maximumDepth} levels.`,
    });
  }
}

export class NumberNotExact extends AppError {
  static readonly problem = defineProblem({
    code: 'number_not_exact',
    status: 400,
    title: 'Number not exact',
    meaning:
      'An integer lies beyond 2^53, where JSON readers lose digits, or a number is infinite.',
    action: 'Send it as a string where the API takes one.',
  });

  constructor(pointer: string) {
    super(NumberNotExact.problem, {
      pointer,
      detail: 'A number this large loses digits; send a string where the API takes one.',
    });
  }
}

export class RequestTooLarge extends AppError {
  static readonly problem = defineProblem({
    code: 'request_too_large',
    status: 413,
    title: 'Request too large',
    meaning: 'The body is longer than this route takes.',
    action: 'Send less at once, such as smaller batches.',
  });

  constructor() {
    super(RequestTooLarge.problem, { detail: 'The body is longer than this route takes.' });
  }
}

export class UnsupportedMediaType extends AppError {
  static readonly problem = defineProblem({
    code: 'unsupported_media_type',
    status: 415,
    title: 'Unsupported media type',
    meaning:
      'The Content-Type, charset or Content-Encoding of the body is none that this route takes.',
    action: 'Send `Content-Type: application/json`, without compression.',
  });

  constructor() {
    super(UnsupportedMediaType.problem, { detail: 'Send the body as application/json.' });
  }
}

export class UriTooLong extends AppError {
  static readonly problem = defineProblem({
    code: 'uri_too_long',
    status: 414,
    title: 'URI too long',
    meaning: 'A part of the path is longer than any id.',
    action: 'Check how the URL is made.',
  });

  constructor() {
    super(UriTooLong.problem);
  }
}

export class HeadersTooLarge extends AppError {
  static readonly problem = defineProblem({
    code: 'headers_too_large',
    status: 431,
    title: 'Headers too large',
    meaning: 'The request line and the headers are longer than 16 KiB together.',
    action: 'Send fewer or shorter headers.',
  });

  constructor() {
    super(HeadersTooLarge.problem);
  }
}

export class MalformedHttp extends AppError {
  static readonly problem = defineProblem({
    code: 'malformed_http',
    status: 400,
    title: 'Malformed HTTP',
    meaning: 'The URL or the request cannot be read, or the connection broke within it.',
    action: 'Check the client, and the proxies between.',
  });

  constructor() {
    super(MalformedHttp.problem, { detail: 'The request cannot be read.' });
  }
}

export class RequestTimeout extends AppError {
  static readonly problem = defineProblem({
    code: 'request_timeout',
    status: 408,
    title: 'Request timeout',
    meaning:
      'The headers or the body took longer than LIMIT_HEADERS_TIMEOUT_MS or LIMIT_BODY_TIMEOUT_MS to arrive.',
    action: 'Send the request anew; nothing was done.',
  });

  constructor() {
    super(RequestTimeout.problem, { detail: 'The request took too long to arrive.' });
  }
}
