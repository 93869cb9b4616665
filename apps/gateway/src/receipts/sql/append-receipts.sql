-- Appends status callbacks; the same one again only raises a counter. A status that comes again after it was
-- folded is no news. $1 receipts, reduced to one a key.
insert into receipts (tenant_id, message_id, attempt, provider_status, account_id, provider_message_id, times)
select tenant_id, message_id, attempt, provider_status, account_id, provider_message_id, times
from json_to_recordset($1::json) as r (
  tenant_id uuid, message_id uuid, attempt smallint, provider_status text, account_id uuid, provider_message_id text, times integer)
order by tenant_id, message_id, attempt, provider_status
on conflict (tenant_id, message_id, attempt, provider_status) do update
  set times = receipts.times + excluded.times, last_at = app_clock()
