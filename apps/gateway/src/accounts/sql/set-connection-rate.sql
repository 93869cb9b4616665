-- Changes the rate of a key from the one that the caller saw. What is null stays as it is. Raised at most once a
-- second, however many lanes on however many workers found it used up.
update connection_states
set rate = $3,
  learned_limit = coalesce($4::double precision, learned_limit),
  decreased_at = coalesce($5::timestamptz, decreased_at),
  not_before = greatest(not_before, $6::timestamptz),
  updated_at = app_clock()
where fingerprint = $1 and rate = $2
  and ($3 <= rate or updated_at <= app_clock() - interval '900 milliseconds')
returning epoch;
