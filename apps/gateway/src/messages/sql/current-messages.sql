-- How messages stand now: the one place that derives a status. Follows a CTE wanted (id); $1 tenant.
-- A final status stands in the message row. Before that the narrow table that holds the message tells; an id is on the
-- wire while its queue row carries the attempt of an open intent. One snapshot sees a message in one place only.
-- In none of them: nobody knows, which is what uncertain says.
on_wire as materialized (
  select open.message_id, open.attempt
  from intents i cross join lateral unnest(i.message_ids, i.attempts) as open (message_id, attempt)
  where i.tenant_id = $1::uuid and open.message_id in (select id from wanted)
),
current as (
  select
    m.tenant_id, m.id, m.account_id, m.api_key_id, m.accepted_at, m.sender, m.recipient, m.category, m.class, m.two_way,
    m.provider_message_type, m.delivery_mode, m.text, m.image_url, m.button_caption, m.button_url, m.file_url,
    m.fallback_sms_text, m.validity_seconds, m.send_at, m.expires_at, m.client_reference, m.group_name, m.metadata,
    m.request_id, m.final_at, m.evidence, m.status_message,
    case
      when m.status is not null then m.status
      when s.message_id is not null then 'scheduled'
      when q.message_id is not null then case when w.message_id is null then 'queued' else 'sending' end
      else coalesce(a.status, 'uncertain')
    end as status,
    coalesce(m.attempts, a.attempt, q.attempt - case when w.message_id is null then 1 else 0 end, 0) as attempts,
    m.possible_duplicate
      or coalesce(a.maybe_sent and a.attempt > 1, false)
      or coalesce(q.maybe_sent and q.attempt - case when w.message_id is null then 1 else 0 end > 1, false)
      as possible_duplicate,
    coalesce(m.provider_message_id, a.provider_message_id) as provider_message_id,
    case when m.status is null then a.provider_status else m.provider_status end as provider_status,
    case when m.status is null then a.status_code else m.status_code end as status_code,
    (select min(e.at) from events e
      where e.tenant_id = m.tenant_id and e.message_id = m.id and e.detail ->> 'outcome' = 'accepted') as sent_at
  from wanted
  -- limit: by the key for each, never by reading all messages.
  cross join lateral (select * from messages where tenant_id = $1::uuid and id = wanted.id limit 1) as m
  left join scheduled s on s.tenant_id = any (array[m.tenant_id]) and s.message_id = m.id
  left join outgoing q on q.tenant_id = any (array[m.tenant_id]) and q.message_id = m.id
  left join on_wire w on w.message_id = q.message_id and w.attempt = q.attempt
  left join awaiting a on a.tenant_id = any (array[m.tenant_id]) and a.message_id = m.id
)
