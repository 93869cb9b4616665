-- A message is looked up by its key in every partition, also in one that was empty when the look-up was planned, and
-- such a plan is kept until the partition is analysed: a minute in which a new week would be searched through the index
-- by recipient, tenant for tenant. Of two indexes that look equally cheap PostgreSQL takes the younger one, in each
-- partition as in the table that it is made after; so the key comes last.
alter table messages drop constraint messages_pkey;
alter table messages add constraint messages_pkey primary key (tenant_id, id);
