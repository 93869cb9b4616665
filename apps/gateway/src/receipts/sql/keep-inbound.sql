-- Stores a reply for its tenant, and tells of it in the same transaction. One that an older release has stored stands.
-- $1 the reply, $2 id of the event, $3 what the event tells.
with r as (
  select * from json_to_record($1::json) as x (
    tenant_id uuid, id uuid, connection_id uuid, account_id uuid, message_token text, phone_number text, sender text,
    conversation_id uuid, text text, tracking_data text, sent_at timestamptz, received_at timestamptz, in_reply_to uuid,
    routed_by text, raw jsonb)
),
kept as (
  insert into inbound_messages (tenant_id, id, connection_id, account_id, message_token, phone_number, sender,
    conversation_id, text, tracking_data, sent_at, received_at, in_reply_to, routed_by, raw)
  select tenant_id, id, connection_id, account_id, message_token, phone_number, sender, conversation_id, text,
    tracking_data, sent_at, received_at, in_reply_to, routed_by, raw
  from r
  on conflict (tenant_id, connection_id, message_token) do nothing
  returning tenant_id, account_id
),
told as (
  insert into outbox (tenant_id, id, at, type, account_id, snapshot)
  select tenant_id, $2::uuid, app_clock(), 'inbound.received', account_id, $3::jsonb from kept
)
select exists (select from kept) as is_kept
