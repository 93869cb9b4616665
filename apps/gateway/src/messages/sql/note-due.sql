-- Tells the timeline and the outbox that scheduled messages are in the queue now.
-- $1 tenants, $2 messages, $3 accounts, $4 ids of the events.
with due as materialized (
  select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[]) as t (tenant_id, message_id, account_id, event_id)
),
written as (
  insert into events (tenant_id, message_id, id, at, type, status, applied, detail)
  select tenant_id, message_id, event_id, app_clock(), 'queued', 'queued', true, '{"cause": "send_at"}' from due
  order by tenant_id, message_id
)
insert into outbox (tenant_id, id, at, type, message_id, account_id, snapshot)
select tenant_id, event_id, app_clock(), 'message.queued', message_id, account_id,
  '{"status": "queued", "previous_status": "scheduled", "is_final": false, "attempts": 0}'
from due
order by tenant_id, event_id
