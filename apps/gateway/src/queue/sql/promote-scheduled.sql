-- Scheduled messages that came due move to the queue. Their place is that of their due time, so that they stand
-- where a message accepted then would stand; "late" is what the owner of the lane may have read past. $1 most rows.
with due as materialized (
  select s.* from scheduled s
  where s.due_at <= app_clock()
  order by s.due_at, s.message_id
  limit $1
  for update skip locked
),
moved as (
  delete from scheduled s using due d where s.tenant_id = any (array[d.tenant_id]) and s.message_id = d.message_id
),
queued as (
  insert into outgoing (tenant_id, message_id, account_id, class, pos, expires_at)
  select tenant_id, message_id, account_id, class, scheduled_pos(due_at, message_id), expires_at
  from due order by tenant_id, message_id
)
select tenant_id, message_id, account_id, due_at < app_clock() - interval '20 seconds' as late from due
