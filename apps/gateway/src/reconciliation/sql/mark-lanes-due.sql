-- Lanes that nobody owns, with a poll or a retry that is due.
update lanes l set has_work = true, active_since = app_clock()
where l.owner is null and not l.has_work
  and (exists (select 1 from awaiting a where a.account_id = l.account_id
      and a.poll_line in (0, 1, 2, 3, 4) and a.next_poll_at <= app_clock())
    or exists (select 1 from awaiting a where a.account_id = l.account_id and a.retry_at <= app_clock()))
returning l.account_id
