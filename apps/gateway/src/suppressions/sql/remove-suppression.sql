-- Takes a recipient off the list. $1 tenant, $2 id.
with removed as (
  delete from suppressions where tenant_id = $1 and id = $2
  returning category, source
)
select category, source from removed
