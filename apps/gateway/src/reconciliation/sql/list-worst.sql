-- The days of all tenants: failures first, then the newest. $1 only this tenant or null, $2 only this verdict or null,
-- $3 to $5 behind this row (failed, day, tenant) or null, $6 most rows.
select tenant_id, day, verdict, figures, misses, miss_count, checks, first_checked_at, checked_at, next_check_at, history
from reconciliations
where checked_at is not null and ($1::uuid is null or tenant_id = $1) and ($2::text is null or verdict = $2)
  and ($4::date is null or ((verdict = 'failed'), day, tenant_id) < ($3::boolean, $4::date, $5::uuid))
order by (verdict = 'failed') desc, day desc, tenant_id desc
limit $6
