-- Cancels the next attempt of a message in its grace: it stays uncertain, and only evidence resolves it.
-- $1 tenant, $2 message, $3 id of the event, $4 the API key that asked.
with kept as (
  update awaiting set retry_at = null, status_code = 'cancelled_after_unknown_attempt'
  where tenant_id = $1 and message_id = $2 and retry_at is not null
  returning tenant_id, message_id, account_id, attempt, maybe_sent, provider_message_id, provider_status
),
written as (
  insert into events (tenant_id, message_id, id, at, type, status, attempt, applied, detail)
  select tenant_id, message_id, $3::uuid, app_clock(), 'cancelled', 'uncertain', attempt, true,
    jsonb_build_object('by', $4::text, 'code', 'cancelled_after_unknown_attempt')
  from kept
),
told as (
  insert into outbox (tenant_id, id, at, type, message_id, account_id, snapshot)
  select tenant_id, $3::uuid, app_clock(), 'message.uncertain', message_id, account_id,
    jsonb_build_object('status', 'uncertain', 'previous_status', 'uncertain', 'is_final', false, 'attempts', attempt,
      'status_code', 'cancelled_after_unknown_attempt', 'possible_duplicate', maybe_sent and attempt > 1,
      'provider_message_id', provider_message_id, 'provider_status', provider_status)
  from kept
)
select message_id from kept
