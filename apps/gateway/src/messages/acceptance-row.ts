import type { IdempotencyClaim, NewMessage } from './new-message.js';

/** A message that is to be accepted, with what it claims. */
export interface AcceptanceItem {
  readonly message: NewMessage;
  readonly claim: IdempotencyClaim | null;
  /** Its place in its batch, from 0; null for a message by itself. */
  readonly index: number | null;
}

/** One message as sql/accept.sql reads it. */
export function acceptanceRow(
  { message, claim, index }: AcceptanceItem,
  unit: string | null,
): object {
  return {
    tenant_id: message.tenantId,
    id: message.id,
    account_id: message.accountId,
    api_key_id: message.apiKeyId,
    accepted_at: message.acceptedAt,
    sender: message.sender,
    recipient: message.recipient,
    category: message.category,
    class: message.class,
    two_way: message.twoWay,
    provider_message_type: message.providerMessageType,
    delivery_mode: message.deliveryMode,
    text: message.text,
    image_url: message.imageUrl,
    button_caption: message.buttonCaption,
    button_url: message.buttonUrl,
    file_url: message.fileUrl,
    fallback_sms_text: message.fallbackSmsText,
    validity_seconds: message.validitySeconds,
    send_at: message.sendAt,
    expires_at: message.expiresAt,
    client_reference: message.clientReference,
    group_name: message.groupName,
    metadata: message.metadata,
    request_id: message.requestId,
    unit,
    ord: index,
    key: claim?.key ?? null,
    body_hash: claim?.bodyHash.toString('hex') ?? null,
  };
}

/** The claim of a whole unit as sql/accept.sql reads it. */
export function unitRow(
  unit: { readonly tenantId: string; readonly claimId: string; readonly results: unknown },
  claim: IdempotencyClaim,
): object {
  return {
    tenant_id: unit.tenantId,
    key: claim.key,
    body_hash: claim.bodyHash.toString('hex'),
    claim: unit.claimId,
    results: unit.results,
  };
}
