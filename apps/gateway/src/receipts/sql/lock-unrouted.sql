-- A reply of which the owner of its connection is known, and nothing else. $1 the reply.
select id, tenant_id, connection_id, phone_number, received_at
from inbound_messages
where id = $1 and routed_by is null
for no key update
