-- The numbers by which clients know messages, beside the messages in the accepting transaction.
-- Run again with the same rows it changes nothing (a lost COMMIT). $1 rows.
insert into dropin_messages (tenant_id, number, message_id, callback_url)
select tenant_id, number, message_id, callback_url
from json_to_recordset($1::json) as r (tenant_id uuid, number bigint, message_id uuid, callback_url text)
order by tenant_id, number
on conflict do nothing
