-- Gives a tenant's reply the account that an operator named. $1 tenant, $2 the reply, $3 account, $4 sender,
-- $5 conversation.
with assigned as (
  update inbound_messages set account_id = $3, sender = $4, conversation_id = $5, routed_by = 'operator'
  where tenant_id = $1 and id = $2
  returning id
)
select id from assigned
