import { getMetadataStorage, ValidationTypes, type ValidationArguments } from 'class-validator';
import { isObject } from './json-object.js';

/** Whether the fields of a JSON object obey all rules; what is wrong it does not say. */
export type ShapeCheck = (given: Readonly<Record<string, unknown>>) => boolean;

type Rules = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>;
type Rule = Rules[number];
type Test = (value: unknown, given: Readonly<Record<string, unknown>>) => boolean;

/**
 * The rules of a DTO's decorators, looked up once: class-validator looks for them, and prepares an error, for each field
 * of each message. A rule of a kind that is not known here fails always, so that class-validator has the last word.
 * @param nested the checks of fields that are objects themselves
 */
export function compileCheck(
  dto: new () => object,
  nested: Readonly<Record<string, ShapeCheck>>,
): ShapeCheck {
  const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
  const byField = Object.entries(getMetadataStorage().groupByPropertyName(rules));
  const fields = byField.map(([field, own]) => ({ field, test: testOf(dto, own, nested) }));
  const known = new Set(fields.map(({ field }) => field));
  return (given) => {
    for (const name of Object.keys(given)) if (!known.has(name)) return false;
    for (const { field, test } of fields) {
      if (!test(Object.hasOwn(given, field) ? given[field] : undefined, given)) return false;
    }
    return true;
  };
}

function testOf(
  dto: new () => object,
  rules: Rules,
  nested: Readonly<Record<string, ShapeCheck>>,
): Test {
  const conditions = rules.filter(({ type }) => type === ValidationTypes.CONDITIONAL_VALIDATION);
  const tests = rules
    .filter(({ type }) => type !== ValidationTypes.CONDITIONAL_VALIDATION)
    .map((rule) =>
      rule.type === ValidationTypes.NESTED_VALIDATION
        ? nestedTest(nested[rule.propertyName])
        : customTest(dto, rule),
    );
  return (value, given) => {
    for (const { constraints } of conditions) if (!constraints[0](given, value)) return true;
    for (const test of tests) if (!test(value, given)) return false;
    return true;
  };
}

function nestedTest(check: ShapeCheck | undefined): Test {
  return (value) => check !== undefined && isObject(value) && check(value);
}

function customTest(dto: new () => object, rule: Rule): Test {
  const isKnown = rule.type === ValidationTypes.CUSTOM_VALIDATION && !rule.each;
  const validators = getMetadataStorage().getTargetValidatorConstraints(rule.constraintCls);
  if (!isKnown || validators.some(({ async }) => async)) return () => false;
  const constraints = validators.map(({ instance }) => instance);
  return (value, given) => {
    const args: ValidationArguments = {
      targetName: dto.name,
      property: rule.propertyName,
      object: given,
      value,
      constraints: rule.constraints,
    };
    return constraints.every((constraint) => constraint.validate(value, args) === true);
  };
}
