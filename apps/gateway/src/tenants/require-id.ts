import { InvalidRequest, NotFound } from '../platform/errors/index.js';
import { readId, type IdPrefix } from '../platform/ids/index.js';

/**
 * The UUID of an id in a path.
 * @throws NotFound for a text that is no id: nothing can stand under it
 */
export function requireId(prefix: IdPrefix, text: string): string {
  const id = readId(prefix, text);
  if (id === null) throw new NotFound();
  return id;
}

/**
 * The UUID of an id in a body or a query.
 * @throws InvalidRequest that points to the field
 */
export function readIdAt(pointer: string, prefix: IdPrefix, text: string): string {
  const id = readId(prefix, text);
  if (id !== null) return id;
  const detail = `${pointer.slice(1)} must be an id of the form ${prefix}_….`;
  throw new InvalidRequest([{ pointer, code: 'invalid_id', detail }]);
}
