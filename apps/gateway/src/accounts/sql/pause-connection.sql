-- Pauses a key, once: late errors of calls that were under way find another epoch or the pause.
update connection_states
set paused_at = app_clock(), pause_reason = $3, epoch = epoch + 1, probe_until = null, probe_by = null,
  updated_at = app_clock()
where fingerprint = $1 and epoch = $2 and paused_at is null
returning epoch;
