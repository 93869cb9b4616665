-- Takes a reply that is nobody's, for whoever an operator named. $1 the reply.
with taken as (
  delete from inbound_unrouted where id = $1
  returning id, connection_id, message_token, phone_number, text, tracking_data, sent_at, received_at, raw
)
select * from taken
