/** Where an event stands in the feed of its tenant. */
export interface EventKey {
  readonly tenantId: string;
  readonly position: number;
}

/** An event as the feed holds it. */
export interface StoredEvent extends EventKey {
  readonly id: string;
  readonly at: Date;
  readonly type: string;
  readonly messageId: string | null;
  readonly accountId: string | null;
  /** What changes of the object that it tells of, as it was then; null where nothing had changed yet. */
  readonly snapshot: Readonly<Record<string, unknown>> | null;
}
