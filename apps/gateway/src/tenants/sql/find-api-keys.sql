-- The keys behind presented prefixes, with what a request needs of their tenants.
select
  k.tenant_id, k.id, k.prefix, k.secret_hash, k.scopes, k.account_ids, k.expires_at, k.revoked_at,
  t.status as tenant_status, t.default_delivery_mode
from api_keys k
join tenants t on t.id = k.tenant_id
where k.prefix = any ($1::text[]);
