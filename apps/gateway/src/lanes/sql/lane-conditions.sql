-- Everything outside of the queue that a lane's pace depends on, for all lanes of a worker at once.
-- A lane that people hold has its part for polls alone. $1 tenants, $2 accounts, $3 tokens, $4 the worker, $5 the part of a
-- lane's rate that polls keep.
with mine as materialized (
  select l.tenant_id, l.account_id, l.weight, c.max_per_second, c.fingerprint, l.probe_asked_at,
    l.hand_over_from is not distinct from l.owner as hand_over,
    case when n.status = 'suspended' then 'tenant_suspended' when l.paused_at is not null then 'account_paused' end as lane_pause
  from lanes l
  join unnest($1::uuid[], $2::uuid[], $3::bigint[]) as t (tenant_id, account_id, token)
    on t.tenant_id = l.tenant_id and t.account_id = l.account_id
  join tenants n on n.id = l.tenant_id
  join connections c on c.id = l.connection_id
  where l.owner = $4 and l.token = t.token
),
keys as (
  select k.fingerprint, count(*) as lanes,
    sum(case when l.paused_at is null and n.status <> 'suspended' then l.weight else l.weight * $5::float end)
      filter (where l.owner is not null) as active_weight
  from (select distinct fingerprint from mine) k
  join connections c on c.fingerprint = k.fingerprint
  join lanes l on l.connection_id = c.id
  join tenants n on n.id = l.tenant_id
  group by k.fingerprint
)
select m.tenant_id, m.account_id, m.weight, (select held_at is not null from installation) as on_hold,
  m.lane_pause, m.max_per_second, m.fingerprint, m.hand_over, m.probe_asked_at,
  s.epoch, s.pause_reason, s.rate, s.learned_limit, s.decreased_at, s.not_before, s.probe_until,
  coalesce(k.active_weight, m.weight)::float as active_weight, coalesce(k.lanes, 1)::int as lanes_on_key,
  exists (select 1 from awaiting a where a.account_id = m.account_id and a.retry_at <= app_clock()) as grace_due,
  exists (select 1 from awaiting a where a.account_id = m.account_id
    and a.poll_line in (0, 1, 2, 3, 4) and a.next_poll_at <= app_clock()) as polls_due,
  (select count(*)::int from (select from awaiting a where a.account_id = m.account_id
    and a.poll_line = 0 and a.next_poll_at <= app_clock() and a.window_ends_at > app_clock() limit 1000) last) as last_polls_due
from mine m
join connection_states s on s.fingerprint = m.fingerprint
left join keys k on k.fingerprint = m.fingerprint
