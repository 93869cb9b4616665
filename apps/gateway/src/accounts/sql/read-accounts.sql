-- Accounts with everything that their view shows of connection, key and lane. $1 tenant, $2 only these or null,
-- $3 before this id or null, $4 at most.
select
  a.id, a.connection_id, a.name, a.senders, a.default_sender, a.default_category, a.default_delivery_mode,
  a.when_paused, a.managed, a.created_at, a.updated_at,
  c.max_per_second, c.key_verdict, c.key_checked_at,
  s.rate, s.paused_at as connection_paused_at, s.pause_reason as connection_pause_reason,
  l.weight, l.paused_at, l.paused_by, l.pause_reason, l.owner, l.report,
  (select held_at is not null from installation) as on_hold,
  case when t.status = 'suspended' then t.suspended_at end as tenant_suspended_at
from accounts a
join tenants t on t.id = a.tenant_id
join connections c on c.id = a.connection_id
join connection_states s on s.fingerprint = c.fingerprint
join lanes l on l.tenant_id = a.tenant_id and l.account_id = a.id
where a.tenant_id = $1
  and a.deleted_at is null
  and ($2::uuid[] is null or a.id = any ($2::uuid[]))
  and ($3::uuid is null or a.id < $3::uuid)
order by a.id desc
limit $4;
