-- Disables an endpoint and tells its tenant, once. $1 tenant, $2 endpoint, $3 reason, $4 the event's id, $5 the endpoint's id as it is
-- shown.
with off as (
  update webhook_endpoints set status = 'disabled', disabled_reason = $3, disabled_at = app_clock(), updated_at = app_clock()
  where tenant_id = $1 and id = $2 and status = 'enabled'
  returning tenant_id, url, disabled_at
)
insert into outbox (tenant_id, id, at, type, snapshot)
select tenant_id, $4::uuid, disabled_at, 'endpoint.disabled',
  jsonb_build_object('endpoint_id', $5::text, 'url', url, 'reason', $3::text)
from off
returning id
