import type { ValidationError } from 'class-validator';
import type { FieldError } from '../errors/index.js';
import { pointerTo } from './json-pointer.js';

/**
 * Names of class-validator's constraints -> our stable codes. The order decides which mistake is told
 * where a field makes several: a wrong type before a wrong length.
 */
const codes: ReadonlyMap<string, string> = new Map([
  ['whitelistValidation', 'unknown_field'],
  ['unknownValue', 'invalid_type'],
  ['isDefined', 'required'],
  ['nestedValidation', 'invalid_type'],
  ['isArray', 'invalid_type'],
  ['isBoolean', 'invalid_type'],
  ['isInt', 'invalid_type'],
  ['isNumber', 'invalid_type'],
  ['isObject', 'invalid_type'],
  ['isString', 'invalid_type'],
  ['isNotEmpty', 'empty'],
  ['isNotEmptyObject', 'empty'],
  ['arrayNotEmpty', 'too_few'],
  ['arrayMinSize', 'too_few'],
  ['arrayMaxSize', 'too_many'],
  ['arrayUnique', 'not_unique'],
  ['minLength', 'too_short'],
  ['maxLength', 'too_long'],
  ['isLength', 'invalid_length'],
  ['min', 'too_small'],
  ['isPositive', 'too_small'],
  ['max', 'too_large'],
  ['isIn', 'not_allowed'],
  ['isEnum', 'not_allowed'],
]);

const rank = new Map([...codes.keys()].map((constraint, index) => [constraint, index]));

/** How many fields an answer names; a batch could have thousands. */
const MAXIMUM_ERRORS = 50;
const LONGEST_SHOWN_NAME = 60;

/**
 * What class-validator found, as JSON pointers with stable codes. A constraint may bring its own code by
 * `{ context: { code } }`; other unknown constraints are `invalid_format`.
 */
export function toFieldErrors(errors: readonly ValidationError[]): FieldError[] {
  const found: FieldError[] = [];
  collect(errors, '', found);
  return found;
}

function collect(errors: readonly ValidationError[], parent: string, found: FieldError[]): void {
  for (const error of errors) {
    if (found.length >= MAXIMUM_ERRORS) return;
    // What is no object at all has no name.
    const pointer = error.property === undefined ? parent : pointerTo(parent, error.property);
    if (error.constraints !== undefined) found.push(toFieldError(error, pointer));
    if (error.children !== undefined) collect(error.children, pointer, found);
  }
}

function toFieldError(error: ValidationError, pointer: string): FieldError {
  const [constraint = '', message = ''] = firstOf(error.constraints ?? {});
  const name = (error.property ?? 'body').slice(0, LONGEST_SHOWN_NAME);
  if (constraint === 'whitelistValidation') {
    return { pointer, code: 'unknown_field', detail: `There is no field ${JSON.stringify(name)}.` };
  }
  if (error.value === undefined) {
    return { pointer, code: 'required', detail: `${name} is required.` };
  }
  const own = (error.contexts?.[constraint] as { code?: string } | undefined)?.code;
  const detail = message.endsWith('.') ? message : `${message}.`;
  return { pointer, code: own ?? codes.get(constraint) ?? 'invalid_format', detail };
}

function firstOf(constraints: Readonly<Record<string, string>>): [string, string] | [] {
  const byRank = Object.entries(constraints).sort(([a], [b]) => rankOf(a) - rankOf(b));
  return byRank[0] ?? [];
}

function rankOf(constraint: string): number {
  return rank.get(constraint) ?? rank.size;
}
