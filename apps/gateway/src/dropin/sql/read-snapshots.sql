-- What relayed events told, where they stand in the feed. $1 events.
select f.id, f.snapshot
from json_to_recordset($1::json) as e (tenant_id uuid, position bigint, id uuid)
join feed f on f.tenant_id = e.tenant_id and f.position = e.position and f.id = e.id
