export const suppressionCategories = ['promotional', 'all'] as const;

/** Which messages a suppression stops. */
export type SuppressionCategory = (typeof suppressionCategories)[number];

export const suppressionSources = ['api', 'import', 'stop_word'] as const;

/** Who entered it. */
export type SuppressionSource = (typeof suppressionSources)[number];

/** A recipient who must not be written to. */
export interface Suppression {
  readonly id: string;
  /** Digits. */
  readonly recipient: string;
  readonly category: SuppressionCategory;
  readonly reason: string | null;
  readonly source: SuppressionSource;
  /** The reply that was a stop word. */
  readonly inbound_message_id: string | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** A recipient to enter. */
export interface NewSuppression {
  /** Digits. */
  readonly recipient: string;
  readonly category: SuppressionCategory;
  readonly reason: string | null;
}

/** Characters of a reason, counted in code points. */
export const reasonLength = { min: 1, max: 200 } as const;
