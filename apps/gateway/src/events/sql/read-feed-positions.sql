-- How far the feeds of tenants go. $1 tenants.
select tenant_id, position from feed_positions where tenant_id = any ($1::uuid[])
