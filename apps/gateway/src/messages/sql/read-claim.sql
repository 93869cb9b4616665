-- What stands under an idempotency key, for a caller who did not win it.
select message_id, results, body_hash from idempotency_keys where tenant_id = $1 and key = $2
