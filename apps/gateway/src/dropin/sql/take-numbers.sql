-- Takes a block of numbers, in a transaction of its own. Whatever becomes of its taker, nobody else gets them.
-- An installation that is held may be a restored database, which does not know what was told after its data end: for each
-- hold the numbers go on with the milliseconds of it, which no count comes up to. $1 how many.
update dropin_numbers n set
  next = greatest(n.next, case when i.held_at is distinct from n.leapt_for then floor(extract(epoch from i.held_at) * 1000) end::bigint) + $1,
  leapt_for = coalesce(i.held_at, n.leapt_for)
from installation i
where n.id = 1 and i.id = 1
returning n.next - $1 as first
