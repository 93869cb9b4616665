-- The work in hand of the whole installation, no number counted further than $1. Ages come from the database's clock.
select
  (select jsonb_object_agg(class, count) from (
    select class, count(*) as count from (select class from outgoing limit $1::bigint + 1) q group by class) c) as queued_by_class,
  (select jsonb_object_agg(class, at) from (
    select c.class, min(uuid_v7_time(first.pos)) as at
    from lanes l
    cross join generate_series(0, 2) as c (class)
    cross join lateral (
      select o.pos from outgoing o
      where o.account_id = l.account_id and o.class = c.class
      order by o.pos limit 1) first
    where l.has_work or l.owner is not null
    group by c.class) o) as oldest_by_class,
  (select count(*)::int from (select from scheduled limit $1::bigint + 1) s) as scheduled,
  (select jsonb_object_agg(status, count) from (
    select status, count(*) as count from (select status from awaiting limit $1::bigint + 1) a group by status) s) as awaiting_by_status,
  (select count(*)::int from (
    select from awaiting where poll_line is not null and next_poll_at <= app_clock() limit $1::bigint + 1) p) as polls_due,
  (select count(*)::int from (select from intents limit $1::bigint + 1) i) as open_intents,
  (select min(created_at) from (select created_at from intents limit $1::bigint + 1) i) as oldest_intent_at,
  (select count(*)::int from (select from receipts where not folded limit $1::bigint + 1) r) as unfolded_receipts,
  (select first_at from receipts where not folded order by fold_after limit 1) as oldest_unfolded_at,
  (select count(*)::int from (select from outbox limit $1::bigint + 1) b) as unrelayed_events,
  (select min(at) from (select at from outbox limit $1::bigint + 1) b) as oldest_unrelayed_at,
  -- Without a partition it ends now.
  coalesce((select horizon from partition_horizon()), app_clock()) as partition_horizon,
  (select strays from partition_horizon()) as stray_rows,
  app_clock() as now;
