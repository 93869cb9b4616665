-- Merges evidence into the messages, by rank, against the rows as they stand now (DISPATCH 13).
-- The caller has reduced it to the highest per message (the others come along as outranked, for the timeline),
-- holds the queue rows and the messages, and says what it saw of the former: null no row, waiting, or on_wire.
-- $1 evidence, $2 by which row of this process each tenant's are counted.
with e as materialized (
  -- The rows of a message belong to its highest piece alone.
  select r.*, case when not r.outranked then r.message_id end as holder_id
  from json_to_recordset($1::json) as r (
    tenant_id uuid, message_id uuid, event_id uuid, place integer, at timestamptz, source text, event_type text, attempt smallint,
    status text, rank smallint, outranked boolean, queue_state text, provider_status text, provider_message_id text,
    code text, message text, detail jsonb)
),
m as materialized (
  select m.tenant_id, m.id, m.account_id, m.accepted_at, m.status, m.attempts, m.class, m.expires_at,
    m.provider_message_id, m.provider_status, m.possible_duplicate
  from messages m join e on e.tenant_id = m.tenant_id and e.message_id = m.id and not e.outranked
  order by m.tenant_id, m.id
  for no key update of m
),
-- The last event of each: what is applied after it stands behind it, whatever the clocks of two processes say.
l as materialized (
  select m.tenant_id, m.id, l.id as event_id
  from m cross join lateral (
    select ev.id from events ev where ev.tenant_id = m.tenant_id and ev.message_id = m.id order by ev.id desc limit 1) as l
),
a as materialized (
  select a.*
  from awaiting a join m on a.tenant_id = any (array[m.tenant_id]) and a.message_id = m.id
  order by m.tenant_id, m.id
  for update of a
),
-- The same rows without a lock: one that stands here only has gone elsewhere since this statement began.
seen as materialized (
  select a.tenant_id, a.message_id
  from awaiting a join e on a.tenant_id = any (array[e.tenant_id]) and a.message_id = e.message_id and not e.outranked
),
judged as materialized (
  select
    e.*,
    -- An id with the last one's time, and so many places behind it.
    case when l.event_id >= e.event_id then (left(l.event_id::text, 24)
      || lpad(to_hex(('x' || right(l.event_id::text, 12))::bit(48)::bigint + e.place), 12, '0'))::uuid
      else e.event_id end as written_id,
    m.account_id, m.accepted_at, m.status as ended_as, a.status as waiting_as, a.provider_message_id as known_id,
    greatest(a.attempt, q.attempt - case when e.queue_state = 'on_wire' then 0 else 1 end, m.attempts, e.attempt) as last_attempt,
    coalesce(a.maybe_sent, q.maybe_sent, false) as maybe_sent,
    m.provider_message_id as ended_id, m.possible_duplicate as was_duplicate,
    case when m.status is null then a.provider_status else m.provider_status end as was_provider_status,
    case when n.is_better then e.provider_message_id else a.provider_message_id end as best_id,
    case when n.is_better then e.attempt else a.provider_attempt end as best_attempt,
    case
      when m.id is null then 'message_unknown'
      when e.outranked then 'outranked'
      when e.status = 'delivered' and m.status is distinct from 'delivered' then 'applied'
      when m.status in ('uncertain', 'unresolved') then case when e.rank >= 12 then 'applied' else 'not_higher' end
      when m.status is not null then 'already_final'
      -- Between two tables: its grace ended after the caller had looked for its queue row, or since this statement began.
      -- It may be on the wire by now: the fold looks again.
      when e.queue_state is null and (q.message_id is not null
        or a.status is null and (e.rank < 10 or s.message_id is not null)) then 'on_the_wire'
      -- The settle of what is on the wire comes first; the fold looks at this piece again after it.
      when e.queue_state = 'on_wire' and (e.rank < 10 or e.attempt < q.attempt) then 'on_the_wire'
      when e.rank >= 10 and e.attempt < a.attempt then 'later_attempt'
      -- Surely not sent is the end only where no other attempt may have been: none before, and none to come.
      when e.code = 'not_sent' and (a.status is distinct from 'uncertain' or a.retry_at is not null or a.attempt <> e.attempt or a.maybe_sent) then 'not_higher'
      when e.rank > case when a.status is null then 0 else status_rank(a.status) end then 'applied'
      else 'not_higher'
    end as verdict
  from e
  -- Full joins instead of left ones: nothing stands on their right without its evidence, and they are hashed always. A left
  -- join is planned for one row after the tables were empty, and compares each with each.
  full join m on m.tenant_id = e.tenant_id and m.id = e.message_id
  full join a on a.tenant_id = e.tenant_id and a.message_id = e.holder_id
  full join seen s on s.tenant_id = e.tenant_id and s.message_id = e.holder_id
  full join l on l.tenant_id = e.tenant_id and l.id = e.message_id
  left join outgoing q on q.tenant_id = any (array[e.tenant_id]) and q.message_id = e.message_id and not e.outranked
  -- Of several ids the one of the latest attempt is asked for: only that one can tell the end.
  cross join lateral (select e.provider_message_id is not null
    and (a.provider_message_id is null or e.attempt > coalesce(a.provider_attempt, a.attempt)) as is_better) as n
),
finals as materialized (select * from judged where verdict = 'applied' and rank >= 10),
steps as materialized (select * from judged where verdict = 'applied' and rank < 10),
ended as (
  update messages m set
    status = f.status, final_at = f.at, evidence = f.source,
    provider_status = coalesce(f.provider_status, m.provider_status),
    provider_message_id = coalesce(m.provider_message_id, f.best_id),
    status_code = f.code, status_message = f.message, attempts = coalesce(f.last_attempt, 0),
    possible_duplicate = m.possible_duplicate or (f.maybe_sent and f.last_attempt > 1)
  from finals f
  where m.tenant_id = f.tenant_id and m.id = f.message_id
),
-- Also of one that had ended before: a settle beside the merge that ended it may have followed it still.
awaited as (
  delete from awaiting a using judged j
  where (j.verdict = 'applied' and j.rank >= 10 or j.ended_as is not null)
    and not j.outranked and a.tenant_id = any (array[j.tenant_id]) and a.message_id = j.message_id
),
-- Not on the wire: its queue row goes, so that nothing is sent needlessly.
taken_back as (
  delete from outgoing q using judged j
  where q.tenant_id = any (array[j.tenant_id]) and q.message_id = j.message_id and j.verdict = 'applied' and j.queue_state = 'waiting'
  returning q.tenant_id, q.message_id, q.account_id, q.class, q.pos, q.expires_at, q.maybe_sent
),
followed as (
  insert into awaiting (tenant_id, message_id, account_id, class, pos, status, attempt, maybe_sent, provider_message_id,
    provider_status, sent_at, expires_at, poll_line, next_poll_at, window_ends_at)
  select t.tenant_id, t.message_id, t.account_id, t.class, t.pos, s.status, s.attempt, t.maybe_sent, s.provider_message_id,
    s.provider_status, sent.at, t.expires_at, case when s.provider_message_id is not null then t.class + 1 end,
    s.at + interval '30 seconds',
    sent.at + case when s.status = 'uncertain' then interval '126 hours' else interval '119 hours 50 minutes' end
  from taken_back t join steps s on s.tenant_id = t.tenant_id and s.message_id = t.message_id
  -- The five days run from the attempt, however late its evidence came.
  cross join lateral (select coalesce(max(ev.at), s.at) as at from events ev
    where ev.tenant_id = s.tenant_id and ev.message_id = s.message_id and ev.attempt = s.attempt
      and ev.type in ('attempt', 'owner_lost')) as sent
),
-- What has not ended it may still tell something: a status, a code that nobody has documented (kept as it came), an id
-- to ask with. What is known to have failed in an earlier attempt is not asked for again.
stepped as (
  update awaiting a set
    status = case when j.verdict = 'applied' then j.status else a.status end,
    status_code = case when j.verdict = 'applied' then j.code else a.status_code end,
    provider_status = case
      when j.verdict = 'applied' or j.verdict = 'not_higher' and j.code = 'unknown_provider_status'
      then coalesce(j.provider_status, a.provider_status) else a.provider_status end,
    provider_message_id = j.best_id, provider_attempt = j.best_attempt,
    retry_at = case when j.verdict = 'applied' then null else a.retry_at end,
    poll_line = case
      when j.best_id is null or j.verdict = 'later_attempt' and coalesce(j.best_attempt, a.attempt) = j.attempt then null
      else coalesce(a.poll_line, a.class + 1) end,
    next_poll_at = coalesce(a.next_poll_at, j.at + interval '30 seconds'),
    -- The provider has it: its own five days, as in settle.sql, and no longer the time in which evidence may come.
    window_ends_at = case
      when j.verdict = 'applied' then least(a.window_ends_at, a.sent_at + interval '119 hours 50 minutes')
      else a.window_ends_at end
  from judged j
  where (j.rank < 10 and j.verdict = 'applied' or j.verdict = 'later_attempt'
      or j.rank < 10 and j.verdict = 'not_higher' and j.ended_as is null and (j.code = 'unknown_provider_status' or j.best_id is distinct from j.known_id))
    and a.tenant_id = any (array[j.tenant_id]) and a.message_id = j.message_id
),
-- A final that came without an id, which another callback brings.
named as (
  update messages m set provider_message_id = j.provider_message_id
  from judged j
  where j.verdict in ('already_final', 'not_higher') and j.ended_as is not null and j.provider_message_id is not null
    and m.tenant_id = j.tenant_id and m.id = j.message_id and m.provider_message_id is null
),
identified as (
  insert into provider_ids (tenant_id, provider_message_id, message_id)
  select tenant_id, provider_message_id, message_id from judged
  where provider_message_id is not null and verdict <> 'message_unknown' and provider_message_id is distinct from known_id
  order by 1, 2, 3
  on conflict do nothing
),
written as (
  insert into events (tenant_id, message_id, id, at, type, status, attempt, applied, detail)
  select tenant_id, message_id, written_id, at,
    case when verdict = 'applied' and ended_as is not null then 'corrected' else event_type end,
    status, attempt, verdict = 'applied',
    coalesce(detail, '{}') || jsonb_strip_nulls(jsonb_build_object(
      'verdict', verdict, 'source', source, 'provider_status', provider_status, 'code', code, 'was', coalesce(ended_as, waiting_as)))
  from judged
  where event_type is not null and verdict not in ('message_unknown', 'on_the_wire')
  order by tenant_id, message_id, written_id
),
told as (
  insert into outbox (tenant_id, id, at, type, message_id, account_id, snapshot)
  select tenant_id, written_id, at, case when ended_as is not null then 'message.corrected' else 'message.' || status end, message_id, account_id,
    -- As the message is shown from now on.
    jsonb_build_object('status', status, 'previous_status', coalesce(ended_as, waiting_as, case
        when queue_state = 'on_wire' or source = 'answer' then 'sending'
        -- Taken out of its table before the merge: a message that was not due.
        when queue_state is null and source = 'gateway' then 'scheduled' else 'queued' end),
      'is_final', rank >= 10, 'provider_status', coalesce(provider_status, was_provider_status),
      'provider_message_id', case when rank >= 10 then coalesce(ended_id, best_id) else best_id end,
      'status_code', code, 'status_message', message, 'evidence', case when rank >= 10 then source end,
      'attempts', coalesce(last_attempt, 0), 'possible_duplicate', was_duplicate or maybe_sent and last_attempt > 1)
  from judged where verdict = 'applied'
  order by tenant_id, written_id
),
counted as (
  insert into daily_counts as d (tenant_id, day, process_id, delivered, undelivered, rejected, failed, expired, cancelled, uncertain, unresolved)
  select tenant_id, (accepted_at at time zone 'UTC')::date, ($2::json ->> tenant_id::text)::uuid,
    sum((status = 'delivered')::int - (ended_as is not distinct from 'delivered')::int),
    sum((status = 'undelivered')::int - (ended_as is not distinct from 'undelivered')::int),
    sum((status = 'rejected')::int - (ended_as is not distinct from 'rejected')::int),
    sum((status = 'failed')::int - (ended_as is not distinct from 'failed')::int),
    sum((status = 'expired')::int - (ended_as is not distinct from 'expired')::int),
    sum((status = 'cancelled')::int - (ended_as is not distinct from 'cancelled')::int),
    sum((status = 'uncertain')::int - (ended_as is not distinct from 'uncertain')::int),
    sum((status = 'unresolved')::int - (ended_as is not distinct from 'unresolved')::int)
  from finals group by 1, 2, 3 order by 1, 2
  on conflict (tenant_id, day, process_id) do update set
    delivered = d.delivered + excluded.delivered, undelivered = d.undelivered + excluded.undelivered,
    rejected = d.rejected + excluded.rejected, failed = d.failed + excluded.failed, expired = d.expired + excluded.expired,
    cancelled = d.cancelled + excluded.cancelled, uncertain = d.uncertain + excluded.uncertain,
    unresolved = d.unresolved + excluded.unresolved
)
select event_id, tenant_id, message_id, status, verdict from judged
