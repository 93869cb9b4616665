-- A loose scan of the queue: one index probe for each lane that is not marked.
update lanes l set has_work = true, active_since = app_clock()
where not l.has_work and exists (select 1 from outgoing q where q.account_id = l.account_id)
returning l.account_id
