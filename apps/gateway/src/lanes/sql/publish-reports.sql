-- What operators see of a lane's owner. $1 tenants, $2 accounts, $3 tokens, $4 reports.
update lanes l set report = t.report::jsonb
from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[]) as t (tenant_id, account_id, token, report)
where l.tenant_id = t.tenant_id and l.account_id = t.account_id and l.token = t.token and l.owner is not null
