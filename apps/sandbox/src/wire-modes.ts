/** How the body of a status callback is written. The provider documents none of it. */
export type CallbackShape = 'json' | 'json_with_phone_number' | 'json_text_ids' | 'form';

/** Whether error bodies come under HTTP 200, as the provider's own clients expect, or under their status. */
export type HttpStatusMode = '200' | 'real';
