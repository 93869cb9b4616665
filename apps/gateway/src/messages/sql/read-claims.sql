-- What stands under each of several idempotency keys. $1 tenant, $2 keys.
select key, body_hash, message_id, results is not null as is_batch
from idempotency_keys
where tenant_id = $1 and key = any ($2::text[])
