-- A tenant's days, the newest first. $1 tenant, $2 before this day or null, $3 only this verdict or null, $4 most rows.
select tenant_id, day, verdict, figures, misses, miss_count, checks, first_checked_at, checked_at, next_check_at, history
from reconciliations
where tenant_id = $1 and checked_at is not null and ($2::date is null or day < $2::date) and ($3::text is null or verdict = $3)
order by day desc
limit $4
