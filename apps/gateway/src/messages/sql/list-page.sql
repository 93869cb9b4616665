-- The page, and how far was looked: one row at least, whose message is null where none was found. $5 most rows.
select frontier.*, page.*
from (select count(*)::int as examined, (select id from examined order by id limit 1) as last_examined_id from examined) as frontier
left join (
  select * from current
  where $6::text[] is null or status = any ($6::text[])
  order by id desc
  limit $5
) as page on true
order by page.id desc
