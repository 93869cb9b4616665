-- What is amiss with the messages between two ids, by what other rows tell of them. One statement: one snapshot, in
-- which a message stands in one place, and its row, timeline and receipts belong together.
-- $1 tenant, $2 from this id on, $3 below this id, $4 most misses.
with m as materialized (
  select id, status, attempts, send_at from messages where tenant_id = $1 and id >= $2 and id < $3
),
e as materialized (
  select message_id, id, type, status, attempt, applied, detail
  from events where tenant_id = $1 and message_id >= $2 and message_id < $3
),
told as materialized (
  select message_id,
    -- A later end stands above an earlier one, by the ranks of the merge; uncertain is an end where the window closed.
    (array_agg(status order by status_rank(status) desc) filter (where applied and (status_rank(status) >= 10 or type = 'window_closed')))[1] as ended_as,
    array_agg(distinct status) filter (where applied) as statuses,
    array_agg(distinct attempt) filter (where detail ? 'outcome') as attempts,
    bool_or(type = 'queued') as queued
  from e group by message_id
),
place as materialized (
  select message_id, array_agg(place order by place) as places, max(attempt) filter (where place = 'outgoing') as next_attempt,
    max(attempt) filter (where place = 'awaiting') as last_attempt, max(status) as waiting_as
  from (
    select message_id, 'scheduled' as place, null::smallint as attempt, null as status
    from scheduled where tenant_id = $1 and message_id >= $2 and message_id < $3
    union all
    select message_id, 'outgoing', attempt, null from outgoing where tenant_id = $1 and message_id >= $2 and message_id < $3
    union all
    select message_id, 'awaiting', attempt, status from awaiting where tenant_id = $1 and message_id >= $2 and message_id < $3
  ) w group by message_id
),
r as materialized (
  -- The status of an SMS stands behind the message's own.
  select message_id, attempt, split_part(provider_status, '/', 1) as provider_status, folded and not orphaned as applied
  from receipts where tenant_id = $1 and message_id >= $2 and message_id < $3
),
trace as (
  select message_id, 'events' as place from told
  union select message_id, unnest(places) from place
  union select message_id, 'receipts' from r
  union select id, 'outbox' from outbox where tenant_id = $1 and id >= $2 and id < $3 and message_id = id
),
known as materialized (
  select m.id, m.status, m.send_at, t.ended_as, t.statuses, t.attempts, coalesce(t.queued, false) as queued,
    coalesce(p.places, '{}') as places, p.waiting_as,
    -- Attempts that are over: one on the wire, or about to be made, has told nothing yet.
    coalesce(p.next_attempt - 1, m.attempts, p.last_attempt, 0) as attempts_made
  from m
  left join told t on t.message_id = m.id
  left join place p on p.message_id = m.id
),
misses as (
  select 'message_missing' as kind, g.message_id, null as status, t.ended_as as expected, array_to_string(array_agg(distinct g.place order by g.place), ', ') as what
  from trace g left join told t on t.message_id = g.message_id
  where not exists (select 1 from m where m.id = g.message_id)
  group by g.message_id, t.ended_as
  union all
  select 'status_differs', id, status, ended_as, null from known where ended_as is not null and status is distinct from ended_as
  union all
  select 'event_missing', id, status, null, status from known where status is not null and ended_as is null
  union all
  select 'event_missing', id, waiting_as, null, waiting_as from known
  where status is null and waiting_as is not null and waiting_as <> all (coalesce(statuses, '{}'))
  union all
  select 'event_missing', id, status, null, 'attempt ' || n
  from known cross join lateral generate_series(1, attempts_made) as n
  where n <> all (coalesce(attempts, '{}'))
  union all
  select 'event_missing', id, status, null, 'queued' from known
  where send_at is not null and not queued and (attempts_made > 0 or 'outgoing' = any (places))
  union all
  select 'event_missing', r.message_id, m.status, null, 'receipt ' || r.provider_status
  from r join m on m.id = r.message_id
  where r.applied and not exists (
    select 1 from e where e.message_id = r.message_id and e.attempt = r.attempt and e.detail ->> 'provider_status' = r.provider_status)
  union all
  select 'nowhere', id, null, ended_as, null from known where status is null and places = '{}'
  union all
  select 'two_places', id, status, null, array_to_string(places, ', ') from known
  where cardinality(places) > 1 or (status is not null and places && '{scheduled,awaiting}')
)
select kind, message_id, status, expected, what from misses
order by message_id, kind, what
limit $4
