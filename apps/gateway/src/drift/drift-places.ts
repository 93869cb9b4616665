import type { DeviationKind } from '#viber';

/** Where the provider speaks to us. */
export const driftPlaces = [
  'send_answer',
  'status_answer',
  'status_callback',
  'inbound_callback',
] as const;
export type DriftPlace = (typeof driftPlaces)[number];

/** `more`: beyond the bound of differences that are told apart. */
export type DriftKind = DeviationKind | 'more';

export const driftKinds: readonly DriftKind[] = [
  'lenient_json',
  'unknown_field',
  'unknown_status',
  'unknown_error',
  'other_type',
  'other_shape',
  'http_status',
  'more',
];
