/** `system`: the product itself, such as when it attaches the development key. */
export type ActorKind = 'api_key' | 'admin_token' | 'system';

/** Who acts, as the audit log names them. */
export interface Actor {
  readonly kind: ActorKind;
  /** UUID of the API key; for an operator the first 8 hexadecimal digits of the token's SHA-256. */
  readonly id: string;
  /** The request that asked for it; null outside of one. */
  readonly requestId: string | null;
}
