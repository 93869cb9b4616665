-- Where the next chunk of messages begins; no row where the rest is one chunk.
-- $1 tenant, $2 from this id on, $3 below this id, $4 messages of a chunk.
select id from messages
where tenant_id = $1 and id >= $2 and id < $3
order by id
offset $4 limit 1
