-- The workers, the present ones first; those that are gone are swept after an hour.
select id, version, started_at, heartbeat_at, lost_at, lease_ms, lanes, clock_offset_ms,
  lost_at is null and heartbeat_at >= app_clock() - make_interval(secs => lease_ms / 1000.0) as alive
from workers
order by lost_at is not null, started_at
limit 100;
