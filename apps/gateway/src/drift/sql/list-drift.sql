-- Differences, the newest first. $1 before this one or null, $2 most rows.
select id, place, kind, detail, times, first_at, last_at, sample
from drift
where $1::uuid is null or id < $1::uuid
order by id desc
limit $2
