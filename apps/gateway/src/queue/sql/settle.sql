-- What came of attempts: the queue rows go (or stay, with the next attempt, where nothing was sent), what was
-- or may have been sent is followed in awaiting, the timeline and the outbox hear of it, finished intents go.
-- The caller holds the lanes by their tokens, the queue rows and the intents; a row whose attempt moved on is left alone.
-- $1 outcomes, $2 their intents, $3 grace in seconds, $4 seconds of validity that a send needs.
with o as materialized (
  select * from json_to_recordset($1::json) as r (
    tenant_id uuid, message_id uuid, attempt smallint, outcome text, provider_message_id text, code text,
    event_id uuid, event_type text, at timestamptz, detail jsonb)
),
judged as materialized (
  select o.*, q.account_id, q.class, q.pos, q.maybe_sent, q.expires_at, m.two_way, m.recipient,
    case
      when m.status is not null then 'final'
      when o.outcome = 'accepted' then 'sent'
      when o.outcome = 'refused' then 'refused'
      when o.outcome = 'not_sent' then 'again'
      when m.delivery_mode = 'at_least_once' and q.expires_at > app_clock() + make_interval(secs => $3::double precision + $4::double precision) then 'grace'
      else 'uncertain'
    end as fate
  from o
  join outgoing q on q.tenant_id = any (array[o.tenant_id]) and q.message_id = o.message_id and q.attempt = o.attempt
  join messages m on m.tenant_id = o.tenant_id and m.id = o.message_id
),
gone as (
  delete from outgoing q using judged j
  where q.tenant_id = any (array[j.tenant_id]) and q.message_id = j.message_id and j.fate <> 'again'
),
again as (
  update outgoing q set attempt = q.attempt + 1
  from judged j
  where q.tenant_id = any (array[j.tenant_id]) and q.message_id = j.message_id and j.fate = 'again'
),
-- An intent is done when no queue row carries its attempt any more, but for those that are settled here.
touched as materialized (
  select i.tenant_id, i.id, i.message_ids, i.attempts
  from json_to_recordset($2::json) as t (tenant_id uuid, id uuid)
  join intents i on i.tenant_id = any (array[t.tenant_id]) and i.id = t.id
),
left_open as materialized (
  select distinct t.tenant_id, t.id
  from touched t cross join lateral unnest(t.message_ids, t.attempts) as open (message_id, attempt)
  -- With a limit each is looked up by its key, and not joined with all rows of its tenant.
  cross join lateral (
    select from outgoing q
    where q.tenant_id = t.tenant_id and q.message_id = open.message_id and q.attempt = open.attempt
    limit 1) as q
  -- Hashed; as an anti join it would be planned for one row, and compare each with each.
  where (t.tenant_id, open.message_id) not in (select tenant_id, message_id from judged)
),
done as (
  delete from intents i using touched t
  where i.tenant_id = any (array[t.tenant_id]) and i.id = t.id
    and not exists (select from left_open o where o.tenant_id = t.tenant_id and o.id = t.id)
),
followed as (
  insert into awaiting (tenant_id, message_id, account_id, class, pos, status, attempt, maybe_sent, provider_message_id,
    status_code, sent_at, expires_at, poll_line, next_poll_at, window_ends_at, retry_at)
  select tenant_id, message_id, account_id, class, pos, case fate when 'sent' then 'sent' else 'uncertain' end, attempt, maybe_sent,
    provider_message_id, case when fate <> 'sent' then code end, at, expires_at,
    case when fate = 'sent' then class + 1 end, case when fate = 'sent' then at + interval '30 seconds' end,
    -- Closed before the provider's five days end, which began before its answer. In hours, which no time zone stretches.
    at + case when fate = 'sent' then interval '119 hours 50 minutes' else interval '126 hours' end,
    case when fate = 'grace' then app_clock() + make_interval(secs => $3::double precision) end
  from judged where fate in ('sent', 'grace', 'uncertain')
  order by tenant_id, message_id
),
identified as (
  insert into provider_ids (tenant_id, provider_message_id, message_id)
  select tenant_id, provider_message_id, message_id from judged where provider_message_id is not null
  order by 1, 2, 3
  on conflict do nothing
),
-- Whom a reply answers that does not say so itself: the last two-way message that was, or may have been, sent to its
-- number over its connection.
remembered as (
  insert into two_way_recent (tenant_id, connection_id, recipient, account_id, message_id, sent_at)
  select distinct on (j.tenant_id, l.connection_id, j.recipient)
    j.tenant_id, l.connection_id, j.recipient, j.account_id, j.message_id, app_clock()
  from judged j join lanes l on l.tenant_id = j.tenant_id and l.account_id = j.account_id
  where j.two_way and j.outcome in ('accepted', 'unknown')
  order by j.tenant_id, l.connection_id, j.recipient, j.pos desc
  on conflict (tenant_id, connection_id, recipient) do update
    set account_id = excluded.account_id, message_id = excluded.message_id, sent_at = excluded.sent_at
),
-- A callback was faster than the answer: the message is final, but its id is kept all the same.
noted as (
  update messages m set provider_message_id = j.provider_message_id
  from judged j
  where j.fate = 'final' and j.provider_message_id is not null
    and m.tenant_id = j.tenant_id and m.id = j.message_id and m.provider_message_id is null
),
written as (
  insert into events (tenant_id, message_id, id, at, type, status, attempt, applied, detail)
  select tenant_id, message_id, event_id, at, event_type,
    case fate when 'sent' then 'sent' when 'refused' then 'rejected' when 'again' then 'queued' when 'final' then null else 'uncertain' end,
    attempt, fate <> 'final',
    coalesce(detail, '{}') || jsonb_strip_nulls(jsonb_build_object('outcome', outcome, 'code', code, 'then', fate,
      'provider_message_id', provider_message_id, 'retry_after_seconds', case when fate = 'grace' then $3::double precision end))
  from judged
  order by tenant_id, message_id, event_id
),
told as (
  insert into outbox (tenant_id, id, at, type, message_id, account_id, snapshot)
  select tenant_id, event_id, at, case fate when 'sent' then 'message.sent' else 'message.uncertain' end, message_id, account_id,
    -- As the message is shown from now on.
    jsonb_build_object('status', case fate when 'sent' then 'sent' else 'uncertain' end, 'previous_status', case event_type when 'restored' then 'queued' else 'sending' end, 'is_final', false,
      'provider_message_id', provider_message_id, 'status_code', case when fate <> 'sent' then code end, 'attempts', attempt,
      'possible_duplicate', maybe_sent and attempt > 1)
  from judged where fate in ('sent', 'grace', 'uncertain')
  order by tenant_id, event_id
)
select tenant_id, message_id, attempt, fate, class, pos from judged
