-- Fences: the lanes that the caller still owns by (worker, token), locked against a takeover until the end of
-- the transaction. A lane that is missing in the answer gives no right to write, and none a right to send while the
-- installation is on hold. That of a suspended tenant is paused: its messages stay where they are until it is resumed.
-- $1 tenants, $2 accounts, $3 tokens, $4 the worker.
select l.tenant_id, l.account_id, l.token, l.paused_at is not null or t.status = 'suspended' as paused,
  s.paused_at is not null as connection_paused, s.epoch, (select held_at is not null from installation) as on_hold
from lanes l
join unnest($1::uuid[], $2::uuid[], $3::bigint[]) as w (tenant_id, account_id, token)
  on w.tenant_id = l.tenant_id and w.account_id = l.account_id
join tenants t on t.id = l.tenant_id
join connections c on c.id = l.connection_id
join connection_states s on s.fingerprint = c.fingerprint
where l.owner = $4 and l.token = w.token
order by l.tenant_id, l.account_id
for key share of l
