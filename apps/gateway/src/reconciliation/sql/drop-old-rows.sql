-- Look-ups whose time is over, in bounded bites. $1 days that messages are kept.
with keys as (
  delete from idempotency_keys where ctid = any (array(
    select ctid from idempotency_keys where created_at < app_clock() - interval '7 days' limit 20000))
),
old_receipts as (
  delete from receipts where ctid = any (array(
    select ctid from receipts where first_at < app_clock() - interval '6 days' and folded limit 20000))
),
ids as (
  delete from provider_ids where ctid = any (array(
    select ctid from provider_ids where message_id < uuid_v7_floor(app_clock() - make_interval(days => $1 + 7)) limit 20000))
)
delete from workers where lost_at < app_clock() - interval '1 hour' or heartbeat_at < app_clock() - interval '1 day'
