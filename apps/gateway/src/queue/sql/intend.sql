-- The intent to send, committed before the first byte goes out. Only rows that are returned as 'send' may be sent.
-- Rows that another transaction holds (a cancel, an expiry) are skipped: they come again, or are gone.
-- Run again after a lost COMMIT, its caller has withdrawn what stood: an id that stands already is an error, as the rows
-- returned here would not be those that stand in it.
-- $1 requested rows, $2 the worker, $3 seconds of validity that a send needs.
with r as materialized (
  select * from json_to_recordset($1::json) as x (
    tenant_id uuid, account_id uuid, token bigint, epoch bigint, intent_id uuid, message_id uuid, ord integer)
),
picked as materialized (
  select q.tenant_id, q.message_id, q.account_id, q.class, q.pos, q.attempt, q.maybe_sent, q.expires_at,
    r.intent_id, r.token, r.epoch, r.ord
  from outgoing q join r on q.tenant_id = any (array[r.tenant_id]) and q.message_id = r.message_id
    -- No equality: the row is found by its key, not along its line.
    and r.account_id is not distinct from q.account_id
  order by r.tenant_id, r.message_id
  for update of q skip locked
),
judged as materialized (
  select p.*, m.sender, m.recipient, m.text, m.image_url, m.button_caption, m.button_url, m.file_url, m.fallback_sms_text, m.category,
    m.provider_message_type, m.accepted_at,
    case
      when m.status is not null then 'final'
      when p.expires_at < app_clock() + make_interval(secs => $3) then 'expired'
      else 'send'
    end as fate
  from picked p join messages m on m.tenant_id = p.tenant_id and m.id = p.message_id
),
ended as (
  delete from outgoing q using judged j
  where j.fate = 'final' and q.tenant_id = any (array[j.tenant_id]) and q.message_id = j.message_id
),
intended as (
  insert into intents (tenant_id, id, account_id, token, epoch, owner, message_ids, attempts)
  select tenant_id, intent_id, account_id, token, epoch, $2, array_agg(message_id order by ord), array_agg(attempt order by ord)
  from judged where fate = 'send'
  group by tenant_id, intent_id, account_id, token, epoch
)
select tenant_id, account_id, intent_id, message_id, class, pos, attempt, maybe_sent, expires_at, fate, accepted_at,
  sender, recipient, text, image_url, button_caption, button_url, file_url, fallback_sms_text, category, provider_message_type
from judged
order by ord
