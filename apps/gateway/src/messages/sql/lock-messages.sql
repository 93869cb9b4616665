-- Merges into one message go one after another: the later one waits here, and the statement behind it sees what the
-- earlier one wrote. $1 tenants, $2 messages.
select from messages m join unnest($1::uuid[], $2::uuid[]) as t (tenant_id, id) on t.tenant_id = m.tenant_id and t.id = m.id
order by m.tenant_id, m.id
for no key update of m
