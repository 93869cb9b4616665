-- Lanes with work, and those that another living worker owns; handed over are those that an operator took from
-- another worker. $1 the worker.
with others as (
  select exists (
    select 1 from workers where id <> $1 and lost_at is null
      and heartbeat_at >= app_clock() - make_interval(secs => lease_ms / 1000.0)) as alive
)
select count(*)::int as at_work,
  (count(*) filter (where owner is null and (hand_over_from is distinct from $1 or not o.alive)))::int as free,
  (count(*) filter (where owner is null and hand_over_from <> $1))::int as handed_over,
  (count(*) filter (where owner is not null and owner <> $1 and not exists (
    select 1 from workers w where w.id = l.owner and w.lost_at is null)))::int as orphaned
from lanes l cross join others o
where has_work or owner is not null
