-- Connections whose key the provider has paused, longest first. $1 most.
select c.id, c.tenant_id, c.name, s.pause_reason as reason, s.paused_at as since
from connection_states s
join connections c on c.fingerprint = s.fingerprint
where s.paused_at is not null
order by s.paused_at, c.id
limit $1;
