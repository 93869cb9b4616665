-- Examines the messages that the provider knows by one id. $12 provider's id.
examined as materialized (
  select m.id, m.account_id, m.sender, m.recipient, m.category, m.client_reference, m.status
  from (
    select message_id
    from provider_ids
    where tenant_id = $1::uuid and provider_message_id = $12::text and message_id < $2::uuid and message_id >= $3::uuid
    order by message_id desc
    limit $4
  ) as known
  -- limit: by the key for each, never by reading all messages.
  cross join lateral (select * from messages where tenant_id = $1::uuid and id = known.message_id limit 1) as m
)
