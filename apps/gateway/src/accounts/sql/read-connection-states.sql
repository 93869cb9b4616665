-- The states of several keys.
select fingerprint, epoch, paused_at, pause_reason, rate, learned_limit, decreased_at, not_before, probe_until, probe_by
from connection_states
where fingerprint = any ($1::bytea[]);
