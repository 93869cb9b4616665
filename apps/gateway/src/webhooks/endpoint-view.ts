import type { DisabledReason, EndpointStatus } from './webhook-endpoint.entity.js';

/** An endpoint as its tenant sees it. */
export interface EndpointView {
  readonly id: string;
  readonly url: string;
  /** null: the default ones. */
  readonly events: readonly string[] | null;
  readonly accountIds: readonly string[] | null;
  readonly description: string | null;
  readonly status: EndpointStatus;
  readonly disabledReason: DisabledReason | null;
  readonly disabledAt: Date | null;
  /** Since when it has taken nothing; null where its last delivery went well. */
  readonly failingSince: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A signing secret, in the only answer that shows it. */
export interface ShownSecret {
  readonly secret: string;
  /** When the ones before it end; null where there is none. */
  readonly previousExpiresAt: Date | null;
}
