/** What happens to a message whose attempt may or may not have been sent. */
export type DeliveryMode = 'at_most_once' | 'at_least_once';

/** The three queues of a lane: 0 urgent, 1 normal, 2 promotional. */
export type MessageClass = 0 | 1 | 2;

/** A message as it is accepted: checked, normalised, with every default filled in. It never changes. */
export interface NewMessage {
  readonly tenantId: string;
  /** UUIDv7 of the acceptance. */
  readonly id: string;
  readonly accountId: string;
  readonly apiKeyId: string | null;
  readonly acceptedAt: string;
  readonly sender: string;
  /** Digits of the E.164 number, without `+`. */
  readonly recipient: string;
  readonly category: 'promotional' | 'transactional';
  readonly class: MessageClass;
  readonly twoWay: boolean;
  readonly providerMessageType: number;
  readonly deliveryMode: DeliveryMode;
  readonly text: string | null;
  readonly imageUrl: string | null;
  readonly buttonCaption: string | null;
  readonly buttonUrl: string | null;
  readonly fileUrl: string | null;
  readonly fallbackSmsText: string | null;
  readonly validitySeconds: number;
  readonly sendAt: string | null;
  readonly expiresAt: string;
  readonly clientReference: string | null;
  readonly groupName: string | null;
  readonly metadata: Record<string, string> | null;
  readonly requestId: string | null;
}

/** An idempotency key with the hash of the body that came under it. */
export interface IdempotencyClaim {
  readonly key: string;
  readonly bodyHash: Buffer;
  /** JSON pointer of what is claimed: a message of a batch, or '' for the whole request. */
  readonly at: string;
}
