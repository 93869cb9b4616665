-- Takes lanes: free ones with work, those that were handed over by another worker, and those of workers that are lost.
-- The token grows, so that no write of the former owner is taken any more; FOR UPDATE waits for intents and settles that
-- hold the lane. Who was to hand a lane over takes it again only where no other worker is alive.
-- $1 the new owner, $2 most lanes, $3 'free', 'handed_over' or 'lost'.
with wanted as (
  select l.tenant_id, l.account_id, l.hand_over_from is not null as handed_over
  from lanes l
  where case $3
    when 'free' then l.owner is null and l.has_work and (l.hand_over_from is distinct from $1 or not exists (
      select 1 from workers w where w.id <> $1 and w.lost_at is null
        and w.heartbeat_at >= app_clock() - make_interval(secs => w.lease_ms / 1000.0)))
    when 'handed_over' then l.owner is null and l.has_work and l.hand_over_from <> $1
    else l.owner is not null and l.owner <> $1 and not exists (select 1 from workers w where w.id = l.owner and w.lost_at is null)
  end
  order by l.tenant_id, l.account_id
  limit $2
  for update of l
)
update lanes l set owner = $1, token = l.token + 1, active_since = app_clock(), has_work = true, report = null,
  hand_over_from = null, probe_asked_at = null
from wanted w
where l.tenant_id = w.tenant_id and l.account_id = w.account_id
returning l.tenant_id, l.account_id, l.connection_id, l.token, l.weight, w.handed_over
