-- A restored or copied database must not send again (DISPATCH 22): the marks by which the installation knows its
-- database, and the hold that a difference sets.

alter table installation
  -- As last accepted; null: never read, and so never compared.
  add column system_identifier text,
  add column timeline bigint,
  add column database_oid bigint,
  add column marked_at timestamptz,
  add column held_at timestamptz,
  -- 'marks_differ': what lies in the queue came with the restored data, and may have been sent elsewhere.
  add column held_because text,
  add column held_reason text,
  add column difference jsonb,
  -- When `after-restore` had dealt with that work.
  add column restored_work_at timestamptz,
  add constraint installation_held_check check ((held_at is null) = (held_because is null)),
  add constraint installation_held_because_check check (held_because in ('marks_differ', 'operator', 'after_restore'));

-- What this database is at present. A mark that may not be read, or that the server does not have, is null; as the
-- owner's function it reads what the owner may read, where an administrator has taken the right from PUBLIC.
create function present_marks(out system_identifier text, out timeline bigint, out database_oid bigint)
  language plpgsql stable security definer set search_path = public, pg_temp
  as $$
begin
  begin
    select c.system_identifier::text into present_marks.system_identifier from pg_control_system() c;
  exception when insufficient_privilege or undefined_function or feature_not_supported then
    null;
  end;
  begin
    present_marks.timeline := ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint;
  exception when insufficient_privilege or undefined_function or feature_not_supported or object_not_in_prerequisite_state then
    null;
  end;
  select d.oid::bigint into present_marks.database_oid from pg_database d where d.datname = current_database();
end
$$;

-- Compares the marks with those that were accepted last, and holds the installation in the same transaction where
-- they differ. Marks that were never read are taken over. It writes nothing where nothing is new.
-- verdict: 'same', 'marked', 'timeline_accepted', or 'differ' (held now, or before for the same reason).
create function compare_marks(timeline_may_change boolean,
  out verdict text, out held_since timestamptz, out difference jsonb, out unreadable text[])
  language plpgsql security definer set search_path = public, pg_temp
  as $$
declare
  present record;
  stored record;
  act text;
begin
  select * into present from present_marks();
  select * into stored from installation where id = 1;
  held_since := stored.held_at;
  select
    jsonb_agg(jsonb_build_object('mark', m.mark, 'stored', m.stored, 'present', m.present) order by m.mark) filter (where m.stored <> m.present),
    coalesce(array_agg(m.mark order by m.mark) filter (where m.present is null), '{}'),
    case when bool_or(m.stored is null and m.present is not null) then 'marked' else 'same' end
  into difference, unreadable, verdict
  from (values
    ('system_identifier', stored.system_identifier, present.system_identifier),
    ('timeline', stored.timeline::text, present.timeline::text),
    ('database_oid', stored.database_oid::text, present.database_oid::text)) as m (mark, stored, present);

  if difference is null then
    if verdict = 'marked' then
      update installation i set
        system_identifier = coalesce(i.system_identifier, present.system_identifier),
        timeline = coalesce(i.timeline, present.timeline),
        database_oid = coalesce(i.database_oid, present.database_oid),
        marked_at = app_clock()
      where i.id = 1;
    end if;
    return;
  end if;

  if timeline_may_change and jsonb_array_length(difference) = 1 and difference #>> '{0,mark}' = 'timeline' then
    verdict := 'timeline_accepted';
    update installation i set timeline = present.timeline, marked_at = app_clock()
    where i.id = 1 and i.timeline is distinct from present.timeline;
    act := 'installation.timeline_accepted';
  else
    verdict := 'differ';
    -- Data of an installation that was on hold itself are held anew: what it accepted meanwhile came with them.
    update installation i set held_at = app_clock(), held_because = 'marks_differ', held_reason = null,
      difference = compare_marks.difference, restored_work_at = null
    where i.id = 1 and (i.held_because is distinct from 'marks_differ' or not i.difference @> compare_marks.difference)
    returning i.held_at into held_since;
    act := 'installation.held';
  end if;
  -- Somebody else was faster, or it is known already.
  if not found then
    select i.held_at into held_since from installation i where i.id = 1;
    return;
  end if;
  insert into audit_log (tenant_id, id, actor_kind, actor_id, action, object_kind, object_id, after)
  values ('00000000-0000-0000-0000-000000000000',
    overlay(uuid_v7_floor(app_clock())::text placing right(gen_random_uuid()::text, 22) from 15)::uuid,
    'system', 'restore_guard', act, 'installation', stored.identity, jsonb_build_object('difference', difference));
end
$$;

revoke execute on function present_marks(), compare_marks(boolean) from public;
grant execute on function compare_marks(boolean) to tyrian_worker;
grant execute on function present_marks() to tyrian_operator;
-- Whoever stops a message must know whether it came with restored data; a tenant sees why its messages wait.
grant select (held_at, held_because, restored_work_at) on installation to tyrian_tenant;
