-- The place behind the newest event of a tenant's feed. $1 tenant.
select p.position, f.id
from feed_positions p
left join lateral (select id from feed where tenant_id = p.tenant_id and position = p.position limit 1) as f on true
where p.tenant_id = $1
