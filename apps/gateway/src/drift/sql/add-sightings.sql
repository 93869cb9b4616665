-- Adds sightings to the drift, and tells operators of each difference once a UTC day. Beyond the most rows a new
-- difference is counted as 'more' of its place. The caller holds the lock of the drift.
-- $1 sightings, $2 most rows, $3 the tenant that stands for none.
with seen as materialized (
  select * from json_to_recordset($1::json) as r (
    id uuid, event_id uuid, place text, kind text, detail text, times bigint, first_at timestamptz, last_at timestamptz, sample text)
),
roomy as materialized (
  select s.*,
    d.id is not null or s.kind = 'more'
      or row_number() over (partition by d.id is null order by s.id) <= $2 - (select count(*) from drift) as has_room
  from seen s left join drift d on d.place = s.place and d.kind = s.kind and d.detail = s.detail
),
placed as materialized (
  select place, case when has_room then kind else 'more' end as kind, case when has_room then detail else '' end as detail,
    (array_agg(id order by id))[1] as id, (array_agg(event_id order by id))[1] as event_id, sum(times) as times,
    min(first_at) as first_at, max(last_at) as last_at, (array_agg(sample order by id))[1] as sample
  from roomy
  group by 1, 2, 3
),
told as materialized (
  select p.* from placed p left join drift d on d.place = p.place and d.kind = p.kind and d.detail = p.detail
  where d.told_on is distinct from (app_clock() at time zone 'UTC')::date
),
added as (
  insert into drift as d (id, place, kind, detail, times, first_at, last_at, sample, told_on)
  select id, place, kind, detail, times, first_at, last_at, sample, (app_clock() at time zone 'UTC')::date from placed
  order by place, kind, detail
  on conflict on constraint drift_key do update set
    times = d.times + excluded.times, first_at = least(d.first_at, excluded.first_at),
    last_at = greatest(d.last_at, excluded.last_at), told_on = excluded.told_on
),
noted as (
  insert into outbox (tenant_id, id, at, type, snapshot)
  select $3::uuid, event_id, app_clock(), 'drift.seen',
    jsonb_build_object('kind', kind, 'place', place, 'detail', detail, 'times', times, 'sample', sample)
  from told order by event_id
)
select kind, place, detail, times from told
