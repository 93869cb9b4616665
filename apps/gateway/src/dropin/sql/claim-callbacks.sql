-- Takes callbacks that are due: for as long as an attempt may last nobody else has them, and after a crash they come again.
-- Of a message the oldest one alone, so that its client hears things in their order. None while the installation is on hold.
-- $1 most rows, $2 seconds of the claim, $3 origins that have enough to answer already.
with due as materialized (
  select c.tenant_id, c.id
  from dropin_callbacks c
  where c.next_at <= app_clock() and c.origin <> all ($3::text[])
    and not exists (select from dropin_callbacks o
      where o.tenant_id = c.tenant_id and o.message_id = c.message_id and o.id < c.id)
    and not exists (select from installation where held_at is not null)
  order by c.next_at
  limit $1
  for update of c skip locked
)
update dropin_callbacks c set attempts = c.attempts + 1, next_at = app_clock() + make_interval(secs => $2)
from due
where c.tenant_id = due.tenant_id and c.id = due.id
returning c.tenant_id, c.id, c.url, c.origin, c.body, c.attempts
