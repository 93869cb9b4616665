-- Takes one day that is due, so that no other worker proves it at the same time. A claim that was never given back
-- ends by itself. $1 who claims, $2 seconds that the claim holds.
update reconciliations r set claimed_by = $1, claimed_until = app_clock() + make_interval(secs => $2)
from (
  select tenant_id, day from reconciliations
  where next_check_at <= app_clock() and (claimed_until is null or claimed_until < app_clock())
  order by next_check_at
  limit 1
  for update skip locked
) d
where r.tenant_id = d.tenant_id and r.day = d.day
returning r.tenant_id, r.day, r.verdict, (app_clock() at time zone 'UTC')::date - r.day as age_days
