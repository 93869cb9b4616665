-- Look-ups whose time is over, one bounded bite of each; one worker at a time, as two would pick the same rows.
-- $1 days that messages are kept, $2 most rows of each table. Gives the size of the largest bite.
with alone as materialized (
  select pg_try_advisory_xact_lock(hashtext('tyrian.drop-old-rows')) as yes
),
keys as (
  delete from idempotency_keys where (select yes from alone) and ctid = any (array(
    select ctid from idempotency_keys where created_at < app_clock() - interval '7 days' limit $2))
  returning 1
),
old_receipts as (
  delete from receipts where (select yes from alone) and ctid = any (array(
    select ctid from receipts where first_at < app_clock() - interval '6 days' and folded limit $2))
  returning 1
),
ids as (
  delete from provider_ids where (select yes from alone) and ctid = any (array(
    select ctid from provider_ids where message_id < uuid_v7_floor(app_clock() - make_interval(days => $1 + 7)) limit $2))
  returning 1
),
recent as (
  delete from two_way_recent where (select yes from alone) and ctid = any (array(
    select ctid from two_way_recent where sent_at < app_clock() - interval '7 days' limit $2))
  returning 1
),
tokens as (
  delete from inbound_tokens where (select yes from alone) and ctid = any (array(
    select ctid from inbound_tokens where received_at < app_clock() - interval '30 days' limit $2))
  returning 1
),
-- What no operator has assigned for as long as a message is kept.
unrouted as (
  delete from inbound_unrouted where (select yes from alone) and ctid = any (array(
    select ctid from inbound_unrouted where received_at < app_clock() - make_interval(days => $1) limit $2))
  returning 1
),
dropin as (
  delete from dropin_messages where (select yes from alone) and ctid = any (array(
    select ctid from dropin_messages where message_id < uuid_v7_floor(app_clock() - make_interval(days => $1 + 7)) limit $2))
  returning 1
),
silent as (
  delete from workers where lost_at < app_clock() - interval '1 hour' or heartbeat_at < app_clock() - interval '1 day'
)
select greatest((select count(*) from keys), (select count(*) from old_receipts), (select count(*) from ids),
  (select count(*) from recent), (select count(*) from tokens), (select count(*) from unrouted),
  (select count(*) from dropin))::int as largest
