-- Enters recipients. One that is entered already is left as it stands, but for its category, which grows and never
-- shrinks; with it come the newer reason and source. $1 rows, one a recipient; $2 source. Gives those that changed.
insert into suppressions as s (tenant_id, id, recipient, category, reason, source, inbound_message_id)
select tenant_id, id, recipient, category, reason, $2, inbound_message_id
from json_to_recordset($1::json) as r (
  tenant_id uuid, id uuid, recipient text, category text, reason text, inbound_message_id uuid)
order by tenant_id, recipient
on conflict (tenant_id, recipient) do update
  set category = 'all', reason = excluded.reason, source = excluded.source,
    inbound_message_id = excluded.inbound_message_id, updated_at = app_clock()
  where s.category <> 'all' and excluded.category = 'all'
returning id, recipient
