-- Writes the result of a claimed day, and tells operators when a day does not add up, or differently than before.
-- $1 who claimed, $2 tenant, $3 day, $4 verdict, $5 figures, $6 misses, $7 how many, $8 seconds until the next check
-- or null, $9 id of the event, $10 the tenant that stands for none, $11 shown id of the tenant.
with before as materialized (
  select tenant_id, day, verdict, misses, figures from reconciliations
  where tenant_id = $2 and day = $3::date and claimed_by = $1
  for update
),
recorded as (
  update reconciliations r set
    verdict = $4, figures = $5::jsonb, misses = $6::jsonb, miss_count = $7, checks = r.checks + 1,
    first_checked_at = coalesce(r.first_checked_at, app_clock()), checked_at = app_clock(),
    history = case when b.verdict = $4 then r.history else (
      select jsonb_agg(h order by n) from (
        select h, n from jsonb_array_elements(r.history || jsonb_build_array(jsonb_build_object('at', app_clock(), 'verdict', $4::text)))
          with ordinality as t (h, n) order by n desc limit 20) last_ones) end,
    next_check_at = app_clock() + make_interval(secs => $8), claimed_by = null, claimed_until = null
  from before b
  where r.tenant_id = b.tenant_id and r.day = b.day
),
told as (
  insert into outbox (tenant_id, id, at, type, snapshot)
  select $10, $9, app_clock(), 'reconciliation.failed',
    jsonb_build_object('tenant_id', $11::text, 'day', $3::text, 'figures', $5::jsonb, 'miss_count', $7::integer)
  from before b
  where $4 = 'failed' and (b.verdict <> 'failed' or b.misses <> $6::jsonb)
)
select verdict as verdict_before from before
