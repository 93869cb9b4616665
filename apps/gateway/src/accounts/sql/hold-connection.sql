-- No call with this key before then; a later time stays.
update connection_states
set not_before = greatest(not_before, $2::timestamptz), updated_at = app_clock()
where fingerprint = $1 and (not_before is null or not_before < $2::timestamptz);
