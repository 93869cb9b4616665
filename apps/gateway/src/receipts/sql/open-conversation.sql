-- The conversation that a reply belongs to, begun by the first one. $1 tenant, $2 id of a new one, $3 recipient,
-- $4 sender, $5 account, $6 the reply, $7 when it came.
insert into conversations as c (tenant_id, id, recipient, sender, account_id, last_inbound_id, last_inbound_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant_id, recipient, sender) do update
  set account_id = excluded.account_id, last_inbound_id = excluded.last_inbound_id, last_inbound_at = excluded.last_inbound_at
returning id
