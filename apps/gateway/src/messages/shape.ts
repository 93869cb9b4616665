import { getMetadataStorage, validateSync } from 'class-validator';
import type { FieldError } from '../platform/errors/index.js';
import { pointerTo, toFieldErrors } from '../platform/http/index.js';
import { isObject } from './json-object.js';
import { compileCheck, type ShapeCheck } from './shape-check.js';

/** How many fields an answer names. */
const mostErrors = 50;

/**
 * The shape of a parsed JSON object, as the decorators of its DTO say. A check that is compiled from them lets most
 * objects through; class-validator looks at the others, and words what is wrong.
 */
export class Shape<T extends object> {
  private readonly fields: ReadonlySet<string>;
  /** Whether a JSON object has the shape. */
  readonly fits: ShapeCheck;

  /** @param nested the shapes of fields that are objects themselves */
  constructor(
    private readonly dto: new () => T,
    private readonly nested: Readonly<Record<string, Shape<object>>> = {},
  ) {
    const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
    this.fields = new Set(rules.map((rule) => rule.propertyName));
    const checks = Object.entries(nested).map(([field, shape]) => [field, shape.fits] as const);
    this.fits = compileCheck(dto, Object.fromEntries(checks));
  }

  /**
   * What is wrong with the given value; empty where it has the shape and may be read as a T.
   * @param at JSON pointer of the value
   */
  errorsIn(given: unknown, at = ''): FieldError[] {
    if (!isObject(given)) {
      const name = at === '' ? 'The body' : at.slice(1);
      return [{ pointer: at, code: 'invalid_type', detail: `${name} must be a JSON object.` }];
    }
    return this.fits(given) ? [] : this.explain(given, at);
  }

  /** The same verdict by class-validator alone, with its reasons. */
  explain(given: Record<string, unknown>, at = ''): FieldError[] {
    const broken = toFieldErrors(validateSync(this.instanceOf(given)));
    const errors = [
      ...this.structureErrors(given, at),
      ...broken.map((error) => ({ ...error, pointer: at + error.pointer })),
    ];
    return errors.slice(0, mostErrors);
  }

  // Known fields alone: one that is called `constructor` would mislead class-validator.
  private instanceOf(given: Record<string, unknown>): T {
    const instance = new this.dto() as T & Record<string, unknown>;
    for (const field of this.fields) {
      if (!Object.hasOwn(given, field)) continue;
      const value = given[field];
      const shape = this.nested[field];
      if (!shape) Object.assign(instance, { [field]: value });
      else if (isObject(value)) Object.assign(instance, { [field]: shape.instanceOf(value) });
    }
    return instance;
  }

  private structureErrors(given: Record<string, unknown>, at: string): FieldError[] {
    const errors: FieldError[] = [];
    for (const field of Object.keys(given)) {
      const pointer = pointerTo(at, field);
      const value = given[field];
      if (!this.fields.has(field)) {
        errors.push({ pointer, code: 'unknown_field', detail: 'There is no such field.' });
        continue;
      }
      const shape = this.nested[field];
      if (!shape || value === null || value === undefined) continue;
      if (isObject(value)) errors.push(...shape.structureErrors(value, pointer));
      else
        errors.push({ pointer, code: 'invalid_type', detail: `${field} must be a JSON object.` });
    }
    return errors;
  }
}
