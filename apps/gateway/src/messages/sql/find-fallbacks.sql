-- Which of the messages have a text for an SMS in their place. $1 tenants, $2 messages.
select m.tenant_id, m.id
from (select distinct tenant_id, id from unnest($1::uuid[], $2::uuid[]) as u (tenant_id, id)) as asked
-- limit: by the key for each, never by reading all messages.
cross join lateral (select * from messages where tenant_id = asked.tenant_id and id = asked.id limit 1) as m
where m.fallback_sms_text is not null
