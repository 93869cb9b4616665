/** One kind of error that a client can meet: a row of docs/errors.md. */
export interface ProblemDefinition {
  /** Stable: clients branch on it. */
  readonly code: string;
  readonly status: number;
  /** A few words, the same for each occurrence. */
  readonly title: string;
  /** When it is answered. */
  readonly meaning: string;
  /** What the client can do about it. */
  readonly action: string;
}

/** What is wrong with one field. */
export interface FieldError {
  /** JSON pointer into the body; for a query parameter or a header, its name with a slash before it. */
  readonly pointer: string;
  /** Stable, such as `required` or `too_long`. */
  readonly code: string;
  readonly detail: string;
}

/** The body of an error: RFC 9457 with our `code` and `errors`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

const definitions = new Map<string, ProblemDefinition>();

/**
 * Enters a problem into the one table of errors.
 *
 * @throws Error at import when the code is taken: two meanings for one code cannot ship.
 */
export function defineProblem(definition: ProblemDefinition): ProblemDefinition {
  const { code, status } = definition;
  if (definitions.has(code)) throw new Error(`The problem ${code} is defined twice`);
  if (!/^[a-z][a-z0-9_]*$/.test(code)) throw new Error(`${code} is no snake_case problem code`);
  if (!(status >= 400 && status <= 599)) throw new Error(`${code} has no error status`);
  const frozen = Object.freeze({ ...definition });
  definitions.set(code, frozen);
  return frozen;
}

/** Every problem of the modules that are loaded, by code. */
export function listProblems(): ProblemDefinition[] {
  return [...definitions.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
}

// A URN, because a self-hosted gateway has no address of its own that would stay.
export function problemType(code: string): string {
  return `urn:tyrian:problem:${code}`;
}
