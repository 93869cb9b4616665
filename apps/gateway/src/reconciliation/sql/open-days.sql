-- Days that have not been proved yet: those with counts, and of the last three also those with messages alone, as
-- a count that is gone must not hide its day. $1 oldest day.
insert into reconciliations (tenant_id, day)
select tenant_id, day from daily_counts
where day between $1::date and (app_clock() at time zone 'UTC')::date
union
select t.id, d.day::date
from tenants t
cross join generate_series(
  (app_clock() at time zone 'UTC')::date - interval '2 days', (app_clock() at time zone 'UTC')::date, interval '1 day') as d (day)
where exists (
  select 1 from messages m
  where m.tenant_id = t.id
    and m.id >= uuid_v7_floor(d.day at time zone 'UTC') and m.id < uuid_v7_floor((d.day + interval '1 day') at time zone 'UTC'))
on conflict (tenant_id, day) do nothing
