-- The receipts that wait for the fold, oldest first; those that another fold holds are left to it.
-- Found by existence, not by a position: a late commit is found as well. $1 most rows, $2 seconds back, null from the head.
select tenant_id, message_id, attempt, provider_status, provider_message_id, first_at
from receipts
where not folded and fold_after <= app_clock()
  and fold_after > coalesce(app_clock() - make_interval(secs => $2::double precision), '-infinity')
order by fold_after
limit $1
for update skip locked
