-- Lanes with what operators see of their key and owner. $1 only this tenant or null, $2 only with work,
-- $3 before this account or null, $4 only this account or null, $5 at most.
select
  l.tenant_id, l.account_id as id, l.connection_id, l.weight, l.owner, l.token::float8 as token, l.has_work, l.active_since,
  l.paused_at, l.paused_by, l.pause_reason, l.report,
  case when t.status = 'suspended' then t.suspended_at end as tenant_suspended_at,
  t.name as tenant_name, a.name as account_name,
  c.max_per_second,
  s.rate, s.learned_limit, s.paused_at as connection_paused_at, s.pause_reason as connection_pause_reason,
  s.not_before as connection_not_before,
  (select held_at from installation) as held_at,
  w.heartbeat_at as owner_heartbeat_at, w.lost_at as owner_lost_at,
  app_clock() as now
from lanes l
join accounts a on a.tenant_id = l.tenant_id and a.id = l.account_id
join tenants t on t.id = l.tenant_id
join connections c on c.id = l.connection_id
join connection_states s on s.fingerprint = c.fingerprint
left join workers w on w.id = l.owner
where ($1::uuid is null or l.tenant_id = $1::uuid)
  and (not $2::boolean or l.has_work or l.owner is not null)
  and ($3::uuid is null or l.account_id < $3::uuid)
  and ($4::uuid is null or l.account_id = $4::uuid)
  and (a.deleted_at is null or l.has_work or l.owner is not null)
order by l.account_id desc
limit $5;
