-- Replies that nothing could be found for, newest first: nobody's, and those of a connection's owner that lack their
-- account, without their text. $1 below this id or null, $2 most rows.
select * from (
  (select id, connection_id, null::uuid as tenant_id, phone_number, text, tracking_data, sent_at, received_at
  from inbound_unrouted
  where $1::uuid is null or id < $1::uuid
  order by id desc
  limit $2)
  union all
  (select id, connection_id, tenant_id, phone_number, null, null, sent_at, received_at
  from inbound_messages
  where routed_by is null and ($1::uuid is null or id < $1::uuid)
  order by id desc
  limit $2)
) as unrouted
order by id desc
limit $2
