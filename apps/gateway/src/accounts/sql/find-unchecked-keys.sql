-- Connections whose key check was lost, or found the provider away. In no order, so that one that cannot be checked
-- keeps back none of the others. $1 at most.
select id
from connections
where (key_verdict = 'unchecked' and updated_at < app_clock() - interval '1 minute')
   or (key_verdict = 'unreachable' and key_checked_at < app_clock() - interval '10 minutes')
order by random()
limit $1;
