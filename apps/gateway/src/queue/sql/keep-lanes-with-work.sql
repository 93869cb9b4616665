-- The second look of a release: the mark comes back where the queue or a grace that is over has work; polls that come due later are the reconciler's to see.
-- $1 tenants, $2 accounts.
update lanes l set has_work = true
from unnest($1::uuid[], $2::uuid[]) as t (tenant_id, account_id)
where l.tenant_id = t.tenant_id and l.account_id = t.account_id
  and (exists (select 1 from outgoing q where q.account_id = l.account_id)
    or exists (select 1 from awaiting a where a.account_id = l.account_id and a.retry_at <= app_clock()))
returning l.tenant_id, l.account_id
