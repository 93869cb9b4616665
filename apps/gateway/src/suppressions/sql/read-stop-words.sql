-- A tenant's own stop words; no row where the defaults hold. $1 tenant.
select words, category, updated_at from stop_words where tenant_id = $1
