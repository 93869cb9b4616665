-- Where endpoints are, and what signs for them now, the current secret first. $1 tenants, $2 endpoints.
select e.tenant_id, e.id as endpoint_id, e.url,
  (select coalesce(json_agg(json_build_object('version', s.version, 'sealed', s.sealed_secret) order by s.version desc), '[]')
    from webhook_secrets s
    where s.tenant_id = e.tenant_id and s.endpoint_id = e.id and (s.expires_at is null or s.expires_at > app_clock())) as secrets
from unnest($1::uuid[], $2::uuid[]) as wanted (tenant_id, id)
join webhook_endpoints e on e.tenant_id = wanted.tenant_id and e.id = wanted.id
