-- Deletes what has been over for a week, what waits although its event is kept no more, and what waits for an endpoint that was
-- deleted. $1 most rows.
delete from webhook_deliveries d
where ctid = any (array(
  select ctid from webhook_deliveries o
  where created_at < app_clock() - interval '7 days'
    and (status <> 'pending' or created_at < app_clock() - interval '31 days'
      or not exists (select from webhook_endpoints e where e.tenant_id = o.tenant_id and e.id = o.endpoint_id))
  limit $1))
returning 1 as dropped
