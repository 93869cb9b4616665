-- What queued messages wait for at this moment, and since when: the first thing that stands in the way of their lane,
-- as it is shown of the account. $1 tenants, $2 messages, in pairs.
select q.tenant_id, q.message_id, s.reason, app_clock() as now,
  greatest(coalesce(s.since, uuid_v7_time(q.pos)), uuid_v7_time(q.pos)) as since
from unnest($1::uuid[], $2::uuid[]) as w (tenant_id, message_id)
join outgoing q on q.tenant_id = any (array[w.tenant_id]) and q.message_id = w.message_id
join lanes l on l.tenant_id = q.tenant_id and l.account_id = q.account_id
join tenants t on t.id = l.tenant_id
join connections c on c.id = l.connection_id
join connection_states k on k.fingerprint = c.fingerprint
left join installation i on true
cross join lateral (
  select
    case
      when i.held_at is not null then 'restore_hold'
      when t.status = 'suspended' then 'tenant_suspended'
      when l.paused_at is not null then 'account_paused'
      when k.paused_at is not null then coalesce(k.pause_reason, 'connection_paused')
      when l.owner is null then 'no_worker'
      when l.report ->> 'state' = 'waiting' then l.report ->> 'reason'
      else 'turn'
    end as reason,
    case
      when i.held_at is not null then i.held_at
      when t.status = 'suspended' then t.suspended_at
      when l.paused_at is not null then l.paused_at
      when k.paused_at is not null then k.paused_at
      when l.owner is null then null
      when l.report ->> 'state' = 'waiting' then (l.report ->> 'since')::timestamptz
    end as since
) s;
