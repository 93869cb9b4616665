/** How a status callback is written: all but `query`, which is a GET, are bodies of a POST. The provider documents none of it. */
export const callbackShapeNames = [
  'json',
  'json_with_phone_number',
  'json_text_ids',
  'form',
  'multipart',
  'query',
] as const;

export type CallbackShape = (typeof callbackShapeNames)[number];

/** Whether error bodies come under HTTP 200, as the provider's own clients expect, or under their status. */
export type HttpStatusMode = '200' | 'real';
