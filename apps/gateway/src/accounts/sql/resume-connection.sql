-- Resumes a key: only what was intended under this very pause may say so.
update connection_states
set paused_at = null, pause_reason = null, epoch = epoch + 1, probe_until = null, probe_by = null,
  updated_at = app_clock()
where fingerprint = $1 and epoch = $2 and paused_at is not null
returning epoch;
