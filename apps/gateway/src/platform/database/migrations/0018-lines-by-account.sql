-- One index for each way to look. Where a table is next to empty by its statistics, a condition on the tenant alone seems as
-- selective as the whole key, and PostgreSQL took these for a row of a known id: all of the tenant's rows that are gone were in its
-- way (ADR 0048). An account belongs to one tenant, so that its id is enough.
drop index intents_lane_idx;
create index intents_lane_idx on intents (account_id);
drop index outgoing_line_idx;
create index outgoing_line_idx on outgoing (account_id, class, pos);
