-- Takes a reply's token, once for however often the provider tells it, and finds out whose reply it is: of the message
-- whose URL it came to; of the message that its tracking data name; else of the last two-way message to its number over
-- the connection within seven days. A connection may have no tenant, or accounts of several: they are asked for the
-- message alike. Without a match the owner of the connection, where it has one, is all that is known.
-- $1 connection, or $2 tenant, $3 account and $4 message of the URL; $5 token, $6 id of the reply, $7 number,
-- $8 our id in the tracking data, $9 the provider's.
with place as materialized (
  select coalesce($1::uuid, l.connection_id) as connection_id, coalesce($2::uuid, c.tenant_id) as owner
  from (select) as one
  left join lanes l on l.tenant_id = $2::uuid and l.account_id = $3::uuid
  left join connections c on c.id = $1::uuid
),
taken as (
  insert into inbound_tokens as t (connection_id, message_token, id)
  select connection_id, $5::text, $6::uuid from place
  on conflict (connection_id, message_token) do update set times = t.times + 1
  returning t.id = $6::uuid as is_new
),
senders as materialized (
  select owner as tenant_id, true as is_owner from place where owner is not null
  union
  select a.tenant_id, false from place p join accounts a on a.connection_id = p.connection_id
  where a.tenant_id is distinct from p.owner
),
answered as (
  select 1 as rank, 'callback_url' as routed_by, m.tenant_id, m.account_id, m.id as message_id, m.sender
  from messages m
  where m.tenant_id = $2::uuid and m.id = $4::uuid
  union all
  select 2, 'tracking_data', m.tenant_id, m.account_id, m.id, m.sender
  from senders s join messages m on m.tenant_id = s.tenant_id and m.id = $8::uuid
  union all
  -- On a shared connection the provider's id alone would not do: another tenant may keep the same one of another key.
  select 3, 'tracking_data', m.tenant_id, m.account_id, m.id, m.sender
  from senders s
  join provider_ids p on p.tenant_id = s.tenant_id and p.provider_message_id = $9::text
  join messages m on m.tenant_id = p.tenant_id and m.id = p.message_id and (s.is_owner or m.recipient = $7::text)
  union all
  (select 4, 'recent', r.tenant_id, r.account_id, r.message_id, m.sender
  from place p
  join two_way_recent r on r.connection_id = p.connection_id and r.recipient = $7::text
    and r.sent_at > app_clock() - interval '7 days'
  left join messages m on m.tenant_id = r.tenant_id and m.id = r.message_id
  order by r.sent_at desc
  limit 1)
)
select t.is_new, p.connection_id, app_clock() as received_at,
  coalesce($2::uuid, a.tenant_id, p.owner) as tenant_id, coalesce($3::uuid, a.account_id) as account_id,
  a.message_id, a.sender, case when $4::uuid is not null then 'callback_url' else a.routed_by end as routed_by
from place p
cross join taken t
left join lateral (
  select * from answered where $4::uuid is null or rank = 1 order by rank, message_id desc limit 1
) as a on true
