-- Where the clients of messages want to hear of them; only those that gave an address. $1 tenants, $2 messages.
select d.tenant_id, d.message_id, d.number, d.callback_url
from (select distinct tenant_id, message_id from unnest($1::uuid[], $2::uuid[]) as u (tenant_id, message_id)) as asked
join dropin_messages d on d.tenant_id = asked.tenant_id and d.message_id = asked.message_id
where d.callback_url is not null
