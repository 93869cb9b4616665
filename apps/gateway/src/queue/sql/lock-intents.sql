-- Settles of one intent go one after another: the later one waits here, and the statement behind it sees what the
-- earlier one took from the queue. So one of them finds the intent done. $1 tenants, $2 intents.
select from intents i join unnest($1::uuid[], $2::uuid[]) as t (tenant_id, id) on i.tenant_id = any (array[t.tenant_id]) and i.id = t.id
order by t.tenant_id, t.id
for update of i
