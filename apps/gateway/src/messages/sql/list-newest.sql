-- Examines the messages themselves, newest first. $1 tenant, $2 below this id, $3 from this id on, $4 most rows.
examined as materialized (
  select id, account_id, sender, recipient, category, client_reference, status
  from messages
  where tenant_id = $1::uuid and id < $2::uuid and id >= $3::uuid
  order by id desc
  limit $4
)
