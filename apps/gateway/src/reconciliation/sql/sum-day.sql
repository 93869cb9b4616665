-- Both sides of a day in one statement, which is one snapshot: no message can move between them while they are read.
-- What was counted comes from the counters alone, what was found from the rows alone.
-- $1 tenant, $2 day, $3 its first id, $4 the first id behind it, $5 seconds after which an intent should be settled.
with counted as (
  select
    coalesce(sum(accepted), 0)::bigint as accepted, coalesce(sum(delivered), 0)::bigint as delivered,
    coalesce(sum(undelivered), 0)::bigint as undelivered, coalesce(sum(rejected), 0)::bigint as rejected,
    coalesce(sum(failed), 0)::bigint as failed, coalesce(sum(expired), 0)::bigint as expired,
    coalesce(sum(cancelled), 0)::bigint as cancelled, coalesce(sum(uncertain), 0)::bigint as uncertain,
    coalesce(sum(unresolved), 0)::bigint as unresolved
  from daily_counts where tenant_id = $1 and day = $2::date
),
found as (
  select
    count(*) as accepted, count(*) filter (where status = 'delivered') as delivered,
    count(*) filter (where status = 'undelivered') as undelivered, count(*) filter (where status = 'rejected') as rejected,
    count(*) filter (where status = 'failed') as failed, count(*) filter (where status = 'expired') as expired,
    count(*) filter (where status = 'cancelled') as cancelled, count(*) filter (where status = 'uncertain') as uncertain,
    count(*) filter (where status = 'unresolved') as unresolved
  from messages where tenant_id = $1 and id >= $3 and id < $4
),
-- Still open is what somebody still works on, not what is merely without an end.
held as (
  select count(*) as open
  from (
    select message_id from scheduled where tenant_id = $1 and message_id >= $3 and message_id < $4
    union all
    select message_id from outgoing where tenant_id = $1 and message_id >= $3 and message_id < $4
    union all
    select message_id from awaiting where tenant_id = $1 and message_id >= $3 and message_id < $4
  ) w
  left join messages m on m.tenant_id = $1 and m.id = w.message_id and m.id >= $3 and m.id < $4
  where m.status is null
)
select
  (select to_jsonb(counted) from counted) as counted,
  (select to_jsonb(found) from found) as found,
  (select open from held) as open,
  (select count(*) from receipts where tenant_id = $1 and message_id >= $3 and message_id < $4 and orphaned) as orphaned_callbacks,
  (select count(*) from intents i cross join lateral unnest(i.message_ids) as o (id)
    where i.tenant_id = $1 and i.created_at < app_clock() - make_interval(secs => $5) and o.id >= $3 and o.id < $4) as open_intents,
  (select count(*) from awaiting where tenant_id = $1 and message_id >= $3 and message_id < $4
    and window_ends_at < app_clock() + interval '6 hours') as leaving_window
