-- Shared connections: the operator owns one, and makes accounts of several tenants on it. Such an account is managed: its
-- tenant sends over it and sees how it stands, but neither changes it nor reaches the key.
alter table accounts add column managed boolean not null default false;

drop policy accounts_of_tenant on accounts;
create policy accounts_seen_by_tenant on accounts for select to tyrian_tenant using (tenant_id = current_tenant());
create policy accounts_made_by_tenant on accounts for insert to tyrian_tenant
  with check (tenant_id = current_tenant() and not managed
    and exists (select 1 from connections c where c.id = connection_id and c.tenant_id = current_tenant()));
create policy accounts_changed_by_tenant on accounts for update to tyrian_tenant
  using (tenant_id = current_tenant() and not managed)
  with check (tenant_id = current_tenant() and not managed
    and exists (select 1 from connections c where c.id = connection_id and c.tenant_id = current_tenant()));

-- Seen: one's own connections, and those that one's managed accounts send over; without the sealed key in either case.
drop policy connections_of_tenant on connections;
create policy connections_seen_by_tenant on connections for select to tyrian_tenant
  using (tenant_id = current_tenant() or tenant_id is null and exists (
    select 1 from accounts a where a.connection_id = connections.id and a.tenant_id = current_tenant()));
create policy connections_made_by_tenant on connections for insert to tyrian_tenant
  with check (tenant_id = current_tenant());
create policy connections_changed_by_tenant on connections for update to tyrian_tenant
  using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
revoke select on connections from tyrian_tenant;
grant select (id, tenant_id, name, key_version, fingerprint, max_per_second, key_verdict, key_checked_at, created_at, updated_at)
  on connections to tyrian_tenant;

-- The state of a key is seen through any connection that is seen, and changed through one's own alone.
drop policy connection_states_of_tenant on connection_states;
create policy connection_states_seen_by_tenant on connection_states for select to tyrian_tenant
  using (exists (select 1 from connections c where c.fingerprint = connection_states.fingerprint));
create policy connection_states_made_by_tenant on connection_states for insert to tyrian_tenant with check (true);
create policy connection_states_changed_by_tenant on connection_states for update to tyrian_tenant
  using (exists (select 1 from connections c
    where c.fingerprint = connection_states.fingerprint and c.tenant_id = current_tenant()));

-- A tenant holds and releases its lanes. Which connection they go over, and with what weight, is not his to change.
revoke update (connection_id, weight) on lanes from tyrian_tenant;
drop policy lanes_of_tenant on lanes;
create policy lanes_seen_by_tenant on lanes for select to tyrian_tenant using (tenant_id = current_tenant());
create policy lanes_made_by_tenant on lanes for insert to tyrian_tenant
  with check (tenant_id = current_tenant()
    and exists (select 1 from connections c where c.id = connection_id and c.tenant_id = current_tenant()));
create policy lanes_changed_by_tenant on lanes for update to tyrian_tenant
  using (tenant_id = current_tenant()) with check (tenant_id = current_tenant());
