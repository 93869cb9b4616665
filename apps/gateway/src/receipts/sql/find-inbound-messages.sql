-- Inbound messages by their ids. $1 tenants, $2 ids.
select i.id, i.account_id, i.phone_number, i.text, i.sent_at, i.received_at, i.in_reply_to
from unnest($1::uuid[], $2::uuid[]) as wanted (tenant_id, id)
join inbound_messages i on i.tenant_id = wanted.tenant_id and i.id = wanted.id
