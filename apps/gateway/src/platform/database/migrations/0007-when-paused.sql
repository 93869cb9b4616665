-- What becomes of a new message while its account is paused: it waits, or the caller hears of it and takes another way.
alter table accounts add column when_paused text not null default 'hold'
  constraint accounts_when_paused_check check (when_paused in ('hold', 'reject'));
-- Accepting asks why the account is paused.
grant select (paused_at, paused_by, pause_reason) on lanes to tyrian_ingest;
grant select (fingerprint, paused_at, pause_reason) on connection_states to tyrian_ingest;
