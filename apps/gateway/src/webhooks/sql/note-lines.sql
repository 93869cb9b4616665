-- What attempts tell of their endpoints: whether it fails, since when, and for how long it is left alone. Five failures in a row open
-- the breaker: then one attempt at a time, after a pause that doubles from 5 s to 5 min. $1 endpoints, each with whether one went well,
-- how many failed (behind the last that went well), the pause that it asked for, and when the first of its deliveries is due again.
-- Returns those that have failed for five days.
with n as materialized (
  select * from json_to_recordset($1::json) as n (tenant_id uuid, endpoint_id uuid, went_well boolean, failed integer, pause_ms bigint, next_ms bigint)
),
l as materialized (
  select l.tenant_id, l.endpoint_id, n.*, l.failures as failures_before, l.failing_since as since_before, l.next_at as next_before, l.not_before as pause_before,
    case when n.went_well then n.failed else l.failures + n.failed end as failures_now
  from webhook_lines l join (select tenant_id as t, endpoint_id as e, went_well, failed, pause_ms, next_ms from n) n on n.t = l.tenant_id and n.e = l.endpoint_id
  -- Where all goes well nothing is written.
  where n.failed > 0 or l.failures > 0 or l.failing_since is not null or l.not_before is not null
  order by l.tenant_id, l.endpoint_id
  for no key update of l
),
judged as materialized (
  select l.*, p.not_before as pause_now
  from l cross join lateral (select greatest(
    case when not l.went_well then l.pause_before end,
    app_clock() + make_interval(secs => l.pause_ms / 1000.0),
    case when l.failed > 0 and l.failures_now >= 5 then app_clock() + make_interval(secs => least(300, 5 * power(2, least(l.failures_now - 5, 10)))) end
  ) as not_before) p
)
update webhook_lines w set
  failures = j.failures_now,
  failing_since = case when j.failed = 0 then null when j.went_well then app_clock() else coalesce(j.since_before, app_clock()) end,
  not_before = j.pause_now,
  next_at = greatest(j.pause_now, least(j.next_before, app_clock() + make_interval(secs => j.next_ms / 1000.0)))
from judged j
where w.tenant_id = j.tenant_id and w.endpoint_id = j.endpoint_id
returning w.tenant_id, w.endpoint_id, w.failing_since <= app_clock() - interval '5 days' as is_lost
