-- Something waits for an endpoint now. $1 tenant, $2 endpoint.
update webhook_lines set next_at = greatest(app_clock(), not_before)
where tenant_id = $1 and endpoint_id = $2
