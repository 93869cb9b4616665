-- Gives a claim back without a result. $1 who claimed.
update reconciliations set claimed_by = null, claimed_until = null where claimed_by = $1
