-- What operators look at every few seconds is found by its own index, however long the history.
create index receipts_orphaned_idx on receipts (tenant_id, message_id) where orphaned;
create index reconciliations_failed_idx on reconciliations (miss_count) where verdict = 'failed';
create index reconciliations_checked_idx on reconciliations (checked_at) where checked_at is not null;

-- An operator's orders to the owner of a lane, who reads them with its conditions; a new owner begins without any.
alter table lanes
  -- The worker that is to give the lane up, and that does not take it again while there is another one.
  add column hand_over_from uuid,
  -- When the provider was to be asked at once.
  add column probe_asked_at timestamptz;
