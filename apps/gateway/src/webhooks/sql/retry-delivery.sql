-- Makes a delivery due now, with all its attempts before it. $1 tenant, $2 endpoint, $3 event.
update webhook_deliveries set status = 'pending', attempts = 0, due_at = app_clock()
where tenant_id = $1 and endpoint_id = $2 and event_id = $3
returning event_id as id, event_id, type, message_id, status, attempts, due_at, created_at, last_at, last_status, last_error, last_ms, last_answer
