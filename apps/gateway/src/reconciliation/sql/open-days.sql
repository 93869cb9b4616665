-- Days that have not been proved yet: those with counts, and of the last three also those with messages alone, as
-- a count that is gone must not hide its day. One that is running has just begun to count and grows still: nothing is
-- urgent about it. $1 oldest day.
with days as materialized (
  select d.day::date as day, uuid_v7_floor(d.day at time zone 'UTC') as first_id,
    uuid_v7_floor((d.day + interval '1 day') at time zone 'UTC') as end_id
  from generate_series(
    (app_clock() at time zone 'UTC')::date - interval '2 days', (app_clock() at time zone 'UTC')::date, interval '1 day') as d (day)
),
found as (
  select tenant_id, day from daily_counts
  where day between $1::date and (app_clock() at time zone 'UTC')::date
  union
  select t.id, days.day
  from tenants t cross join days
  -- limit: one probe of the key for each, never a join with all messages.
  cross join lateral (
    select from messages m where m.tenant_id = t.id and m.id >= days.first_id and m.id < days.end_id limit 1) as any_message
)
insert into reconciliations (tenant_id, day, next_check_at)
select tenant_id, day,
  case when day = (app_clock() at time zone 'UTC')::date then app_clock() + interval '10 minutes' else app_clock() end
from found
on conflict (tenant_id, day) do nothing
