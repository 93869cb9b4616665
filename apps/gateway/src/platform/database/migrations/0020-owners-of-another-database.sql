-- Who owned lanes in the database that these data come from owns none here, also where it is a process that lives and
-- has been brought to this one: it knows the work of another one by heart, and nothing of the intents that stand open
-- here. As after any loss it comes back under a new name, and the next owners call those intents unknown (DISPATCH 7,
-- ADR 0049).
create or replace function compare_marks(timeline_may_change boolean,
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
  if verdict = 'differ' then
    update workers w set lost_at = app_clock() where w.lost_at is null;
  end if;
  insert into audit_log (tenant_id, id, actor_kind, actor_id, action, object_kind, object_id, after)
  values ('00000000-0000-0000-0000-000000000000',
    overlay(uuid_v7_floor(app_clock())::text placing right(gen_random_uuid()::text, 22) from 15)::uuid,
    'system', 'restore_guard', act, 'installation', stored.identity, jsonb_build_object('difference', difference));
end
$$;
