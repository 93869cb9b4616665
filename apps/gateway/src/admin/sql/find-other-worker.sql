-- Another worker with a present heartbeat, if there is one. $1 the worker that it is not to be.
select id from workers
where id <> $1 and lost_at is null and heartbeat_at >= app_clock() - make_interval(secs => lease_ms / 1000.0)
limit 1;
