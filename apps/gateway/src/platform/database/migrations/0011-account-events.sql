-- Account events: what holds an account, and that nothing holds it any more, is told in the transaction that changes it,
-- whoever does: a dispatcher, a probe, a tenant, an operator. Nothing on the way of a message names these columns.

-- A UUIDv7 of this moment, where the database itself makes an event.
create function new_event_id() returns uuid
  language sql volatile
  as $$ select (left(uuid_v7_floor(app_clock())::text, 15) || substr(gen_random_uuid()::text, 16))::uuid $$;

create function tell_account_pause(tenant uuid, account uuid, state text, held_by text, reason text, since timestamptz)
  returns void
  language sql security definer set search_path = public, pg_temp
  as $$
    insert into outbox (tenant_id, id, at, type, account_id, snapshot)
    values (tenant, new_event_id(), app_clock(),
      case when since is null then 'account.resumed' else 'account.paused' end, account,
      jsonb_build_object('state', state, 'pause', case when since is not null
        then jsonb_build_object('by', held_by, 'reason', reason, 'since', since) end))
  $$;
revoke execute on function tell_account_pause(uuid, uuid, text, text, text, timestamptz) from public;

-- The provider's word holds every account on the key, of whatever tenant; one that people hold is told of that already.
create function tell_pause_of_key() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
begin
  perform tell_account_pause(a.tenant_id, a.id, case when new.paused_at is null then 'active' else 'connection_paused' end,
    'provider', new.pause_reason, new.paused_at)
  from connections c
  join accounts a on a.connection_id = c.id and a.deleted_at is null
  join lanes l on l.tenant_id = a.tenant_id and l.account_id = a.id and l.paused_at is null
  where c.fingerprint = new.fingerprint
  order by a.tenant_id, a.id;
  return null;
end
$$;
create trigger tell_pause after update of paused_at on connection_states
  for each row when ((old.paused_at is null) <> (new.paused_at is null)) execute function tell_pause_of_key();

-- People's word, while the provider's does not hold the account anyway.
create function tell_pause_of_lane() returns trigger
  language plpgsql security definer set search_path = public, pg_temp
  as $$
begin
  perform tell_account_pause(new.tenant_id, new.account_id, case when new.paused_at is null then 'active' else 'paused' end,
    case when new.paused_by = 'tenant' then 'tenant' else 'operator' end, new.pause_reason, new.paused_at)
  from connections c join connection_states s on s.fingerprint = c.fingerprint
  where c.id = new.connection_id and s.paused_at is null;
  return null;
end
$$;
create trigger tell_pause after update of paused_at on lanes
  for each row
  when ((old.paused_at is null) <> (new.paused_at is null) and new.paused_by is distinct from 'deletion')
  execute function tell_pause_of_lane();
