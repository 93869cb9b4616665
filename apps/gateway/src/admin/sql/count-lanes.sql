-- All lanes by what decides their state, and the keys' rates: one row for each kind, not for each lane.
select
  t.status = 'suspended' as tenant_suspended, l.paused_by, s.paused_at is not null as connection_paused, s.pause_reason as connection_pause_reason,
  l.owner is not null as owned, l.owner is not null and (w.id is null or w.lost_at is not null) as owner_lost, l.has_work,
  l.report ->> 'state' as report_state, l.report ->> 'reason' as report_reason,
  count(*)::int as lanes, coalesce(sum((l.report ->> 'in_flight')::int) filter (where l.owner is not null), 0)::int as in_flight,
  coalesce(sum(least(s.rate, c.max_per_second)) filter (where l.owner is not null), 0)::float as rate
from lanes l
join accounts a on a.tenant_id = l.tenant_id and a.id = l.account_id
join tenants t on t.id = l.tenant_id
join connections c on c.id = l.connection_id
join connection_states s on s.fingerprint = c.fingerprint
left join workers w on w.id = l.owner
where a.deleted_at is null or l.has_work or l.owner is not null
group by 1, 2, 3, 4, 5, 6, 7, 8, 9;
