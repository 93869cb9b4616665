-- Stores a reply once, however often the provider tells it. Its tenant and account come from the connection's
-- URL, or from the message whose URL it used. $1 replies.
with r as materialized (
  select * from json_to_recordset($1::json) as x (
    id uuid, connection_id uuid, tenant_id uuid, account_id uuid, message_id uuid, message_token text, phone_number text,
    text text, tracking_data text, tracked_id text, sent_at timestamptz, raw jsonb)
),
routed as (
  select r.*, coalesce(r.tenant_id, c.tenant_id) as owner_tenant, coalesce(r.connection_id, l.connection_id) as connection
  from r
  left join connections c on c.id = r.connection_id
  left join lanes l on l.tenant_id = r.tenant_id and l.account_id = r.account_id
)
insert into inbound_messages (tenant_id, id, connection_id, account_id, message_token, phone_number, text, tracking_data, sent_at, in_reply_to, routed_by, raw)
select w.owner_tenant, w.id, w.connection, coalesce(w.account_id, m.account_id), w.message_token, w.phone_number, w.text, w.tracking_data,
  w.sent_at, m.id, case when w.message_id is not null then 'callback_url' when m.id is not null then 'tracking_data' end, w.raw
from routed w
left join lateral (
  select m.id, m.account_id from messages m
  where m.tenant_id = w.owner_tenant and m.id = coalesce(w.message_id,
    case when w.tracked_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then w.tracked_id::uuid end,
    (select p.message_id from provider_ids p where p.tenant_id = w.owner_tenant and p.provider_message_id = w.tracked_id order by p.message_id desc limit 1))
) m on true
where w.owner_tenant is not null
order by w.owner_tenant, w.connection, w.message_token
on conflict (tenant_id, connection_id, message_token) do update set times = inbound_messages.times + 1
returning tenant_id, id
