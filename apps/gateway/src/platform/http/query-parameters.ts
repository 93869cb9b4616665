import { Transform } from 'class-transformer';

/**
 * Conversions for DTOs of queries, where everything is text. What does not look right is left as it
 * is, so that the rule beside the decorator (`@IsInt()`, `@IsBoolean()`) refuses it.
 */

/** `?limit=50` as 50. */
export function QueryInteger(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value,
  );
}

/** `?is_final=true` as true. */
export function QueryBoolean(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => {
    if (value === 'true') return true;
    return value === 'false' ? false : value;
  });
}

/** `?status=sent,pending` and `?status=sent&status=pending` as a list. */
export function QueryList(): PropertyDecorator {
  return Transform(({ value }: { value: unknown }) => {
    if (typeof value === 'string') return value.split(',');
    return Array.isArray(value) ? value.flatMap((part) => String(part).split(',')) : value;
  });
}
