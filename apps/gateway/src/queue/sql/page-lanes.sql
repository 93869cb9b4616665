-- The next rows of several lanes and classes, each in its own order, from each one's position on.
-- The position is a hint: late commits lie behind it, so the owner also reads again from earlier on.
-- $1 tenants, $2 accounts, $3 classes, $4 positions, $5 limits.
select l.tenant_id, l.account_id, q.message_id, q.class, q.pos
from unnest($1::uuid[], $2::uuid[], $3::smallint[], $4::uuid[], $5::integer[]) as l (tenant_id, account_id, class, after, most)
cross join lateral (
  select o.message_id, o.class, o.pos
  from outgoing o
  where o.account_id = l.account_id and o.class = l.class and o.pos > l.after
  order by o.pos
  limit l.most
) as q
