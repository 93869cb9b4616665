-- Intents whose COMMIT went unanswered, and of which nothing was sent. The caller holds the lanes by their tokens and
-- the queue rows, so that no earlier try can commit behind it. $1 tenants, $2 intents.
delete from intents i using unnest($1::uuid[], $2::uuid[]) as t (tenant_id, id)
where i.tenant_id = any (array[t.tenant_id]) and i.id = t.id
