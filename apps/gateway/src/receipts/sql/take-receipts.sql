-- The receipts that wait for the fold, oldest first; those that another fold holds are left to it.
-- Found by existence, not by a position: a late commit is found as well. $1 most rows.
select tenant_id, message_id, attempt, provider_status, provider_message_id, first_at
from receipts
where not folded and fold_after <= app_clock()
order by fold_after
limit $1
for update skip locked
