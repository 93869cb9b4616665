import { InvalidRequest, type FieldError } from '../platform/errors/index.js';
import { pointerTo } from '../platform/http/index.js';
import { batchDefaultsShape } from './message-shapes.js';
import { isObject } from './json-object.js';

/** A batch whose envelope is right; its messages are still unchecked. */
export interface BatchEnvelope {
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly messages: readonly unknown[];
}

/** @throws InvalidRequest for what is wrong outside of the messages, which refuses the batch as a whole */
export function readBatchEnvelope(body: unknown, mostMessages: number): BatchEnvelope {
  if (!isObject(body)) {
    throw new InvalidRequest([
      { pointer: '', code: 'invalid_type', detail: 'The body must be a JSON object.' },
    ]);
  }
  const { defaults, messages, ...unknown } = body;
  const errors: FieldError[] = [
    ...Object.keys(unknown).map((field) => ({
      pointer: pointerTo('', field),
      code: 'unknown_field',
      detail: 'There is no such field.',
    })),
    ...(defaults === undefined || defaults === null
      ? []
      : batchDefaultsShape.errorsIn(defaults, '/defaults')),
    ...errorsInMessages(messages, mostMessages),
  ];
  if (errors.length > 0) throw new InvalidRequest(errors);
  return { defaults: isObject(defaults) ? defaults : {}, messages: messages as unknown[] };
}

function errorsInMessages(messages: unknown, mostMessages: number): FieldError[] {
  const pointer = '/messages';
  if (messages === undefined || messages === null) {
    return [{ pointer, code: 'required', detail: 'messages is required.' }];
  }
  if (!Array.isArray(messages)) {
    return [{ pointer, code: 'invalid_type', detail: 'messages must be an array.' }];
  }
  const bounds = `messages must hold 1 to ${mostMessages} messages.`;
  if (messages.length === 0) return [{ pointer, code: 'too_few', detail: bounds }];
  return messages.length > mostMessages ? [{ pointer, code: 'too_many', detail: bounds }] : [];
}
