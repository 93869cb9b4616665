-- Appends status callbacks; the same one again only raises a counter. A status that comes again after it was
-- folded is no news, unless it brings the message_id that it came without. $1 receipts, reduced to one a key.
insert into receipts (tenant_id, message_id, attempt, provider_status, account_id, provider_message_id, times)
select tenant_id, message_id, attempt, provider_status, account_id, provider_message_id, times
from json_to_recordset($1::json) as r (
  tenant_id uuid, message_id uuid, attempt smallint, provider_status text, account_id uuid, provider_message_id text, times integer)
order by tenant_id, message_id, attempt, provider_status
on conflict (tenant_id, message_id, attempt, provider_status) do update
  set times = receipts.times + excluded.times, last_at = app_clock(),
    provider_message_id = coalesce(receipts.provider_message_id, excluded.provider_message_id),
    folded = receipts.folded and (receipts.provider_message_id is not null or excluded.provider_message_id is null),
    fold_after = case when receipts.folded then app_clock() else receipts.fold_after end
