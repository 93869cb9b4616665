-- Whose id it is that polls ask with: a callback of an earlier attempt may bring the only one there is.
-- null: that of the row's own attempt.
alter table awaiting add column provider_attempt smallint;
