-- What was written in both directions between a recipient and a sender, newest first, and how far was looked: one row at
-- least, whose id is null where none was found. The ids of both kinds grow with time, so that one order holds for both.
-- $1 tenant, $2 below this id, $3 most rows to examine, $4 most rows, $5 recipient, $6 sender, $7 accounts or null.
with examined as materialized (
  select *
  from (
    (select id, account_id, sender, false as is_inbound
    from messages
    where tenant_id = $1::uuid and recipient = $5::text and id < $2::uuid
    order by id desc
    limit $3)
    union all
    (select id, account_id, sender, true
    from inbound_messages
    where tenant_id = $1::uuid and phone_number = $5::text and id < $2::uuid
    order by id desc
    limit $3)
  ) as both_ways
  order by id desc
  limit $3
)
select frontier.*, page.*
from (select count(*)::int as examined, (select id from examined order by id limit 1) as last_examined_id from examined) as frontier
left join (
  select id, is_inbound
  from examined
  where sender = $6::text and ($7::uuid[] is null or account_id = any ($7::uuid[]))
  order by id desc
  limit $4
) as page on true
order by page.id desc
