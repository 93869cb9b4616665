-- Takes lanes: free ones with work, and those of workers that are lost. The token grows, so that no write of the
-- former owner is taken any more; FOR UPDATE waits for intents and settles that hold the lane.
-- $1 the new owner, $2 most lanes, $3 free lanes or the lanes of lost workers.
with wanted as (
  select l.tenant_id, l.account_id
  from lanes l
  where case when $3 = 'free'
    then l.owner is null and l.has_work
    else l.owner is not null and l.owner <> $1 and not exists (select 1 from workers w where w.id = l.owner and w.lost_at is null)
  end
  order by l.tenant_id, l.account_id
  limit $2
  for update of l
)
update lanes l set owner = $1, token = l.token + 1, active_since = app_clock(), has_work = true, report = null
from wanted w
where l.tenant_id = w.tenant_id and l.account_id = w.account_id
returning l.tenant_id, l.account_id, l.connection_id, l.token, l.weight
