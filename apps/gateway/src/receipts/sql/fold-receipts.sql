-- Notes what the fold made of receipts: done, orphaned (their message is gone), or to be looked at again.
-- $1 verdicts, $2 milliseconds until a deferred one is looked at again.
update receipts r set
  folded = v.verdict <> 'deferred',
  orphaned = v.verdict = 'orphaned',
  fold_after = case when v.verdict = 'deferred' then app_clock() + make_interval(secs => $2 / 1000.0) else r.fold_after end
from json_to_recordset($1::json) as v (tenant_id uuid, message_id uuid, attempt smallint, provider_status text, verdict text)
where r.tenant_id = any (array[v.tenant_id]) and r.message_id = v.message_id and r.attempt = v.attempt and r.provider_status = v.provider_status
