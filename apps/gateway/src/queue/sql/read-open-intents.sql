-- What the former owners of these lanes may have had on the wire: the ids whose queue row still carries the
-- intent's attempt. Every other id of an intent is settled. $1 accounts.
select i.tenant_id, i.account_id, i.id as intent_id, q.message_id, q.attempt
from unnest($1::uuid[]) as l (account_id)
join intents i on i.account_id = any (array[l.account_id])
left join lateral (
  select o.message_id, o.attempt
  from unnest(i.message_ids, i.attempts) as open (message_id, attempt)
  join outgoing o on o.tenant_id = any (array[i.tenant_id]) and o.message_id = open.message_id and o.attempt = open.attempt
  order by o.message_id
) as q on true
