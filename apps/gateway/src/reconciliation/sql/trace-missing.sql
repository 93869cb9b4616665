-- Messages that were accepted, whose row is gone, and that left no trace but in the look-ups and in the feed. These
-- have no index by message: they are searched only where fewer rows were found than were counted.
-- $1 tenant, $2 first id of the day, $3 first id behind it, $4 most rows.
with trace as (
  select message_id, 'idempotency_keys' as place
  from idempotency_keys
  where tenant_id = $1 and message_id >= $2 and message_id < $3 and results is null
    and created_at between uuid_v7_time($2) - interval '1 hour' and uuid_v7_time($3) + interval '1 hour'
  union
  select message_id, 'provider_ids' from provider_ids where tenant_id = $1 and message_id >= $2 and message_id < $3
  union
  -- The first public event of a message that was not scheduled has the message's id.
  select id, 'feed' from feed where tenant_id = $1 and id >= $2 and id < $3 and message_id = id
)
select 'message_missing' as kind, t.message_id, null as status, null as expected,
  array_to_string(array_agg(distinct t.place order by t.place), ', ') as what
from trace t
where not exists (select 1 from messages m where m.tenant_id = $1 and m.id = t.message_id and m.id >= $2 and m.id < $3)
group by t.message_id
order by t.message_id
limit $4
