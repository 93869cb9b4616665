-- Makes a page of the feed due for an endpoint once more; what waits already is left as it is. Returns how many became due,
-- and the last position that was looked at. $1 tenant, $2 endpoint, $3 from this id on, $4 below this id, $5 behind this
-- position, $6 most rows, $7 types, $8 accounts (null: all).
with page as materialized (
  select position, id, type, message_id, account_id
  from feed
  where tenant_id = $1 and id >= $3 and id < $4 and position > $5
  order by position
  limit $6
),
due as (
  insert into webhook_deliveries as d (tenant_id, endpoint_id, event_id, position, type, message_id)
  select $1, $2, id, position, type, message_id
  from page
  where type = any ($7::text[]) and ($8::uuid[] is null or account_id = any ($8::uuid[]))
  order by id
  on conflict (tenant_id, endpoint_id, event_id) do update set status = 'pending', attempts = 0, due_at = app_clock()
  where d.status <> 'pending'
  returning d.event_id
)
select (select count(*) from due)::int as due, (select max(position) from page) as last, (select count(*) from page)::int as looked_at
