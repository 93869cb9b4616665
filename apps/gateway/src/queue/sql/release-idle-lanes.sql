-- Gives back lanes that seem to have nothing to do. Only the mark is cleared here, under FOR UPDATE; the
-- caller looks at the queue again in a second statement, and keeps what got work meanwhile.
-- $1 tenants, $2 accounts, $3 tokens, $4 the worker.
with held as (
  select l.tenant_id, l.account_id
  from lanes l join unnest($1::uuid[], $2::uuid[], $3::bigint[]) as t (tenant_id, account_id, token)
    on t.tenant_id = l.tenant_id and t.account_id = l.account_id
  where l.owner = $4 and l.token = t.token
  order by l.tenant_id, l.account_id
  for update of l
)
update lanes l set has_work = false, owner = null, active_since = null, report = null
from held h where l.tenant_id = h.tenant_id and l.account_id = h.account_id
returning l.tenant_id, l.account_id
