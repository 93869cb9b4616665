-- What has to be told, in the relay's own transaction. $1 callbacks.
insert into dropin_callbacks (tenant_id, id, message_id, url, origin, body)
select tenant_id, id, message_id, url, origin, body
from json_to_recordset($1::json) as r (tenant_id uuid, id uuid, message_id uuid, url text, origin text, body text)
order by tenant_id, id
on conflict do nothing
