/** Bounds of a message's validity in seconds, both included. */
export const validityBounds = { min: 40, max: 259_200 } as const;

/** How long a message is worth delivering where its sender does not say, in seconds. */
export const defaultValiditySeconds = { transactional: 3_600, promotional: 86_400 } as const;
