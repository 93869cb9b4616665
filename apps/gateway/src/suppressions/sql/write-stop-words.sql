-- $1 tenant, $2 words, $3 category.
insert into stop_words as w (tenant_id, words, category) values ($1, $2, $3)
on conflict (tenant_id) do update set words = excluded.words, category = excluded.category, updated_at = app_clock()
