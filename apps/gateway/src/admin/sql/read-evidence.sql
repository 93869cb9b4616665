-- What the evidence says of the installation: the daily proof, callbacks whose message is gone, and how the provider
-- differs from its contract. No callback is counted further than $1.
select
  (select max(checked_at) from reconciliations where checked_at is not null) as last_proof_at,
  (select count(*)::int from reconciliations where verdict = 'failed') as failed_proofs,
  (select coalesce(sum(miss_count), 0)::int from reconciliations where verdict = 'failed') as proof_misses,
  (select count(*)::int from (select from receipts where orphaned limit $1::bigint + 1) r) as orphaned_callbacks,
  (select coalesce(jsonb_agg(jsonb_build_object('place', place, 'kind', kind, 'times', times) order by place, kind), '[]') from (
    select place, kind, sum(times) as times from drift group by place, kind) k) as drift,
  (select max(last_at) from drift) as drift_last_at;
