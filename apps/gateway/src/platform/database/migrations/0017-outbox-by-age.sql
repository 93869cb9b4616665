-- The relay takes what is oldest, and mostly looks at the last half minute alone: what it took before stays in the index for
-- as long as some transaction is open that might still see it (ADR 0048).
alter table outbox drop constraint outbox_pkey;
alter table outbox add constraint outbox_pkey primary key (id, tenant_id);
