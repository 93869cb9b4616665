-- The grace is over: back into the queue at its old place, as the next attempt, which may make a second copy.
-- Without enough validity left it stays uncertain. $1 account, $2 most rows, $3 seconds of validity that a send
-- needs.
with due as materialized (
  select a.tenant_id, a.message_id, a.account_id, a.class, a.pos, a.attempt, a.expires_at,
    a.expires_at > app_clock() + make_interval(secs => $3) as again
  from awaiting a
  where a.account_id = $1 and a.retry_at <= app_clock()
  order by a.retry_at
  limit $2
  for update of a skip locked
),
left_over as (
  delete from awaiting a using due d
  where d.again and a.tenant_id = any (array[d.tenant_id]) and a.message_id = d.message_id
),
queued as (
  insert into outgoing (tenant_id, message_id, account_id, class, pos, attempt, maybe_sent, expires_at)
  select tenant_id, message_id, account_id, class, pos, attempt + 1, true, expires_at
  from due where again order by tenant_id, message_id
),
told as (
  insert into outbox (tenant_id, id, at, type, message_id, account_id, snapshot)
  select tenant_id, new_event_id(), app_clock(), 'message.queued', message_id, account_id,
    jsonb_build_object('status', 'queued', 'previous_status', 'uncertain', 'is_final', false, 'attempts', attempt,
      'possible_duplicate', attempt > 1)
  from due where again order by tenant_id, message_id
),
kept as (
  update awaiting a set retry_at = null
  from due d
  where not d.again and a.tenant_id = any (array[d.tenant_id]) and a.message_id = d.message_id
)
select message_id, attempt, class, pos, again from due
