-- Lanes with work, and those that another living worker owns. $1 the worker.
select count(*)::int as at_work,
  (count(*) filter (where owner is null))::int as free,
  (count(*) filter (where owner is not null and owner <> $1 and not exists (
    select 1 from workers w where w.id = l.owner and w.lost_at is null)))::int as orphaned
from lanes l
where has_work or owner is not null
