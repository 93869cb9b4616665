-- A reply of nobody that we know, for an operator to assign. $1 id, $2 connection, $3 token, $4 number, $5 text,
-- $6 tracking data, $7 when it was written, $8 when it came, $9 as it came.
insert into inbound_unrouted (id, connection_id, message_token, phone_number, text, tracking_data, sent_at, received_at, raw)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
