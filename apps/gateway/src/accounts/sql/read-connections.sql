-- Connections with the state of their key, for operators. $1 of this tenant or null, $2 only shared ones, only those of
-- tenants, or null for both, $3 before this id or null, $4 only this id or null, $5 at most.
select
  c.id, c.tenant_id, c.name, c.max_per_second, c.key_verdict, c.key_checked_at, c.created_at, c.updated_at,
  s.rate, s.learned_limit, s.paused_at, s.pause_reason,
  (select count(*)::int from accounts a where a.connection_id = c.id and a.deleted_at is null) as accounts
from connections c
join connection_states s on s.fingerprint = c.fingerprint
where ($1::uuid is null or c.tenant_id = $1::uuid)
  and ($2::boolean is null or (c.tenant_id is null) = $2::boolean)
  and ($3::uuid is null or c.id < $3::uuid)
  and ($4::uuid is null or c.id = $4::uuid)
order by c.id desc
limit $5;
