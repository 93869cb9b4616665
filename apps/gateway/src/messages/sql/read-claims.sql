-- What stands under each of several idempotency keys, and on which account its message went. $1 tenants and $2 keys,
-- in pairs.
select k.tenant_id, k.key, k.body_hash, k.message_id, k.results, m.account_id
from unnest($1::uuid[], $2::text[]) as w (tenant_id, key)
join idempotency_keys k on k.tenant_id = w.tenant_id and k.key = w.key
left join messages m on m.tenant_id = k.tenant_id and m.id = k.message_id
