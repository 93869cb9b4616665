-- Counts relayed events. $1 tenants, $2 days, $3 accounts, $4 types, $5 counts.
insert into usage_counts as u (tenant_id, day, account_id, type, count)
select * from unnest($1::uuid[], $2::date[], $3::uuid[], $4::text[], $5::bigint[]) as t (tenant_id, day, account_id, type, count)
order by 1, 2, 3, 4
on conflict (tenant_id, day, account_id, type) do update set count = u.count + excluded.count
