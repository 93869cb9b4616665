-- Wakes lines that sleep although something is due: a second look each minute, should a wake-up ever be lost.
update webhook_lines l set next_at = greatest(app_clock(), l.not_before)
where (l.next_at is null or l.next_at > app_clock() + interval '1 minute')
  and (l.not_before is null or l.not_before <= app_clock())
  and exists (select from webhook_deliveries d
    where d.tenant_id = l.tenant_id and d.endpoint_id = l.endpoint_id and d.due_at < app_clock() - interval '10 seconds')
