-- The accounts of several tenants, as accepting needs them.
select tenant_id, id, connection_id, name, senders, default_sender, default_category, default_delivery_mode
from accounts
where tenant_id = any ($1::uuid[]) and deleted_at is null
order by tenant_id, id;
