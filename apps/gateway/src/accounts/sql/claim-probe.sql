-- One prober at a time for a paused key; a claim that ran out is anybody's, and $5 its own claimant's before that.
update connection_states
set probe_until = $4::timestamptz, probe_by = $3, updated_at = app_clock()
where fingerprint = $1 and epoch = $2 and paused_at is not null
  and (probe_until is null or probe_until <= app_clock() or ($5 and probe_by = $3))
returning epoch;
