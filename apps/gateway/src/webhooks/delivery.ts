export type DeliveryStatus = 'pending' | 'delivered' | 'failed';
export const deliveryStatuses: readonly DeliveryStatus[] = ['pending', 'delivered', 'failed'];

/** One event for one endpoint, as it stands. */
export interface Delivery {
  /** The event's, as `event_id`. */
  readonly id: string;
  readonly event_id: string;
  readonly type: string;
  readonly message_id: string | null;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly due_at: Date | null;
  readonly created_at: Date;
  readonly last_at: Date | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly last_ms: number | null;
  readonly last_answer: string | null;
}
