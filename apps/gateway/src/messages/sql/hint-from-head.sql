-- Tells the owners of these lanes that something came into the queue before what they have read. $1 accounts.
select pg_notify('tyrian_work', account_id || ' from-head') from unnest($1::text[]) as a (account_id)
