-- Events of the feed, each with its message as it was accepted and the time at which the provider took it, as far as the
-- event could know. $1 tenants, $2 positions.
select
  f.tenant_id, f.position, f.id as event_id, f.at, f.type, f.message_id, f.account_id as event_account_id, f.snapshot,
  m.*,
  (select min(e.at) from events e
    where e.tenant_id = f.tenant_id and e.message_id = f.message_id and e.at <= f.at and e.detail ->> 'outcome' = 'accepted') as sent_at
from unnest($1::uuid[], $2::bigint[]) as wanted (tenant_id, position)
-- limit: by the key for each, never by reading all of them.
cross join lateral (
  select * from feed where tenant_id = wanted.tenant_id and position = wanted.position limit 1
) as f
left join lateral (
  select id, account_id, api_key_id, accepted_at, sender, recipient, category, class, two_way, provider_message_type,
    delivery_mode, text, image_url, button_caption, button_url, file_url, fallback_sms_text, validity_seconds, send_at,
    expires_at, client_reference, group_name, metadata, request_id
  from messages where tenant_id = f.tenant_id and id = f.message_id limit 1
) as m on true
order by f.tenant_id, f.position
