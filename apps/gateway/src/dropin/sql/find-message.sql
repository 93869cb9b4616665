-- The message that a client knows by a number. $1 tenant, $2 number.
select message_id from dropin_messages where tenant_id = $1 and number = $2
