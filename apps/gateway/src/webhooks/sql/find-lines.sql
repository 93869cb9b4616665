-- Endpoints that may have something to deliver now, the longest due first; none while the installation is on hold. It costs a row
-- an endpoint, however much waits for it. $1 most.
select l.tenant_id, l.endpoint_id, l.failures
from webhook_lines l
join webhook_endpoints e on e.tenant_id = l.tenant_id and e.id = l.endpoint_id and e.status = 'enabled'
where l.next_at <= app_clock() and not exists (select from installation where held_at is not null)
order by l.next_at
limit $1
