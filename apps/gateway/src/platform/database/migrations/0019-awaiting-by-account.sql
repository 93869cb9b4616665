-- As for the queue's lines: what a lane follows is found by its account, so that a condition on the tenant alone is never
-- taken for as selective as the whole key (ADR 0048).
drop index awaiting_poll_idx;
create index awaiting_poll_idx on awaiting (account_id, poll_line, next_poll_at) where poll_line is not null;
drop index awaiting_retry_idx;
create index awaiting_retry_idx on awaiting (account_id, retry_at) where retry_at is not null;
