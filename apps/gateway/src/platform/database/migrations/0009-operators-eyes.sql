-- What operators look at every few seconds is found by its own index, however long the history.
create index receipts_orphaned_idx on receipts (tenant_id, message_id) where orphaned;
create index reconciliations_failed_idx on reconciliations (miss_count) where verdict = 'failed';
create index reconciliations_checked_idx on reconciliations (checked_at) where checked_at is not null;
