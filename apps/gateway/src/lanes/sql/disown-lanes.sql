-- Lanes that carry our name without our knowing them any more: given free, so that the next owner judges what
-- they left open. $1 the worker, $2 accounts and $3 tokens that we do know.
update lanes l set owner = null, has_work = true
where l.owner = $1 and not exists (
  select 1 from unnest($2::uuid[], $3::bigint[]) as t (account_id, token)
  where t.account_id = l.account_id and t.token = l.token)
returning l.account_id
