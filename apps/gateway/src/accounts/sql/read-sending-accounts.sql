-- The accounts of several tenants, as accepting needs them.
select a.tenant_id, a.id, a.connection_id, a.name, a.senders, a.default_sender, a.default_category, a.default_delivery_mode,
  a.when_paused, l.paused_at, l.paused_by, l.pause_reason,
  s.paused_at as connection_paused_at, s.pause_reason as connection_pause_reason
from accounts a
join lanes l on l.tenant_id = a.tenant_id and l.account_id = a.id
join connections c on c.id = a.connection_id
join connection_states s on s.fingerprint = c.fingerprint
where a.tenant_id = any ($1::uuid[]) and a.deleted_at is null
order by a.tenant_id, a.id;
