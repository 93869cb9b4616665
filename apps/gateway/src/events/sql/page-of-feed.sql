-- What a tenant's feed holds from a position on, and how far was looked: one row at least, whose position is null where
-- nothing was picked. $1 tenant, $2 from this position on, $3 most rows to examine, $4 the last position that was read,
-- $5 types or null for all, $6 accounts or null for all, $7 most rows.
with examined as materialized (
  select position, id, type, account_id
  from feed
  where tenant_id = $1::uuid and position >= $2::bigint
  order by position
  limit $3
),
picked as (
  select position, id
  from examined
  where position > $4::bigint and ($5::text[] is null or type = any ($5::text[]))
    and ($6::uuid[] is null or account_id = any ($6::uuid[]))
  order by position
  limit $7
)
select frontier.*, picked.position, picked.id
from (
  select
    -- The relay moves it with the events that it gives places to.
    coalesce((select position from feed_positions where tenant_id = $1::uuid), 0) as last_given,
    (select count(*)::int from examined) as examined,
    first.position as first_position, first.id as first_id, last.position as last_position, last.id as last_id
  from (select 1) as one
  left join (select * from examined order by position limit 1) as first on true
  left join (select * from examined order by position desc limit 1) as last on true
) as frontier
left join picked on true
order by picked.position
