-- One day of one tenant. $1 tenant, $2 day.
select tenant_id, day, verdict, figures, misses, miss_count, checks, first_checked_at, checked_at, next_check_at, history
from reconciliations
where tenant_id = $1 and day = $2::date and checked_at is not null
