-- Accepts the messages of several callers in one statement: keys, messages, queue, counters, outbox.
-- A message is stored only where its keys were won, so two equal keys in one flush make one message; and only where
-- its recipient is not suppressed, which claims no key.
-- Run again with the same ids it changes nothing and gives the same answer (a lost COMMIT).
-- $1 messages, $2 claims of whole units, $3 by which row of this process each tenant's are counted. json_to_recordset: one parameter that
-- Node writes natively; 25 arrays for unnest cost it three times the CPU.
with incoming as materialized (
  select *
  from json_to_recordset($1::json) as r (
    tenant_id uuid, id uuid, account_id uuid, api_key_id uuid, accepted_at timestamptz, sender text, recipient text,
    category text, class smallint, two_way boolean, provider_message_type integer, delivery_mode text, text text,
    image_url text, button_caption text, button_url text, file_url text, fallback_sms_text text, validity_seconds integer,
    send_at timestamptz, expires_at timestamptz, client_reference text, group_name text, metadata jsonb, request_id text,
    unit uuid, ord integer, key text, body_hash text)
),
units as materialized (
  select * from json_to_recordset($2::json) as u (tenant_id uuid, key text, body_hash text, claim uuid, results jsonb)
),
-- Units that stand already: the COMMIT of an earlier run was lost.
standing_units as materialized (
  select u.claim, k.results
  from units u join idempotency_keys k on k.tenant_id = u.tenant_id and k.key = u.key and k.message_id = u.claim
),
-- One look into one index for each message. limit: by the key for each, never by reading a whole table.
listed as materialized (
  select i.id, i.tenant_id, i.unit, i.ord, i.key
  from incoming i
  cross join lateral (
    select category from suppressions where tenant_id = i.tenant_id and recipient = i.recipient limit 1
  ) as s
  where s.category = 'all' or s.category = i.category
),
-- What an earlier run has said is said again, whatever the list says by now: a message that was stored stands, and so does
-- one under a key of its own, and a batch's verdicts stand with its key.
suppressed as materialized (
  select l.id, l.unit, l.ord
  from listed l
  left join standing_units t on t.claim = l.unit
  left join lateral (select id from messages where tenant_id = l.tenant_id and id = l.id limit 1) as m on true
  left join lateral (select key from idempotency_keys where tenant_id = l.tenant_id and key = l.key limit 1) as k on true
  where t.claim is null and m.id is null and k.key is null
  union all
  select i.id, i.unit, i.ord
  from standing_units t join incoming i on i.unit = t.claim
  where t.results -> i.ord ? 'suppressed'
),
-- The verdicts of a batch as they are kept with its key.
told_units as (
  select u.claim, (
    select jsonb_agg(case when s.id is null then r.result else '{"suppressed": true}' end order by r.ord)
    from jsonb_array_elements(u.results) with ordinality as r (result, ord)
    left join suppressed s on s.unit = u.claim and s.ord = r.ord - 1) as results
  from units u
  where u.results is not null and u.claim in (select unit from suppressed)
),
claimed_units as (
  insert into idempotency_keys (tenant_id, key, body_hash, message_id, results)
  select u.tenant_id, u.key, decode(u.body_hash, 'hex'), u.claim,
    coalesce((select t.results from told_units t where t.claim = u.claim), u.results)
  from units u
  where u.claim not in (select id from suppressed)
  order by u.tenant_id, u.key
  on conflict do nothing
  returning message_id
),
won_units as materialized (
  select message_id as claim from claimed_units
  union
  select claim from standing_units
),
claimed_items as (
  insert into idempotency_keys (tenant_id, key, body_hash, message_id)
  select i.tenant_id, i.key, decode(i.body_hash, 'hex'), i.id
  from incoming i
  where i.key is not null and (i.unit is null or i.unit in (select claim from won_units))
    and i.id not in (select id from suppressed)
  order by i.tenant_id, i.key
  on conflict do nothing
  returning message_id
),
won_items as materialized (
  select message_id as id from claimed_items
  union
  select k.message_id
  from incoming i join idempotency_keys k on k.tenant_id = i.tenant_id and k.key = i.key and k.message_id = i.id
),
admitted as materialized (
  select i.*
  from incoming i
  where (i.unit is null or i.unit in (select claim from won_units))
    and (i.key is null or i.id in (select id from won_items))
    and i.id not in (select id from suppressed)
),
stored as (
  insert into messages (
    tenant_id, id, account_id, api_key_id, accepted_at, sender, recipient, category, class, two_way, provider_message_type,
    delivery_mode, text, image_url, button_caption, button_url, file_url, fallback_sms_text, validity_seconds, send_at,
    expires_at, client_reference, group_name, metadata, request_id)
  select
    tenant_id, id, account_id, api_key_id, accepted_at, sender, recipient, category, class, two_way, provider_message_type,
    delivery_mode, text, image_url, button_caption, button_url, file_url, fallback_sms_text, validity_seconds, send_at,
    expires_at, client_reference, group_name, metadata, request_id
  from admitted
  order by tenant_id, id
  on conflict do nothing
  returning tenant_id, id
),
fresh as materialized (
  select a.* from admitted a join stored s on s.tenant_id = a.tenant_id and s.id = a.id
),
queued as (
  insert into outgoing (tenant_id, message_id, account_id, class, pos, expires_at, group_name)
  select tenant_id, id, account_id, class, id, expires_at, group_name
  from fresh where send_at is null order by tenant_id, id
),
set_aside as (
  insert into scheduled (tenant_id, message_id, account_id, class, due_at, expires_at)
  select tenant_id, id, account_id, class, send_at, expires_at
  from fresh where send_at is not null order by tenant_id, id
),
-- The first public event needs no snapshot: it is the message row as it was accepted.
told as (
  insert into outbox (tenant_id, id, at, type, message_id, account_id)
  select tenant_id, id, accepted_at, 'message.queued', id, account_id
  from fresh where send_at is null order by tenant_id, id
),
counted as (
  insert into daily_counts (tenant_id, day, process_id, accepted)
  select tenant_id, (accepted_at at time zone 'UTC')::date, ($3::json ->> tenant_id::text)::uuid, count(*)
  from fresh group by 1, 2, 3 order by 1, 2
  on conflict (tenant_id, day, process_id) do update set accepted = daily_counts.accepted + excluded.accepted
)
select id, false as suppressed from admitted
union all
select claim, false from won_units
union all
select id, true from suppressed
