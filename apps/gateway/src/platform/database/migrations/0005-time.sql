-- What time brings about, made sturdier: partitions in spite of stray rows, expiry by an index, and the order of
-- messages that come due together.

-- A row that fell into the catch-all partition keeps the partition of its own week from being attached; it must not
-- keep those of all the other weeks as well. Each is made in a sub-transaction, and the stray week is left out until
-- the operator has moved its rows (docs/operations.md).
create or replace function make_partitions(weeks_ahead integer) returns integer
  language plpgsql security definer set search_path = public, pg_temp
  as $$
declare
  parent text;
  key_column text;
  week timestamptz;
  lower_id uuid;
  upper_id uuid;
  child text;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('tyrian.partitions'));
  -- Attaching asks for the catch-all partition alone: what comes behind must not wait for long. It is tried again.
  set local lock_timeout = '200ms';
  foreach parent in array array['messages', 'events', 'feed'] loop
    key_column := case parent when 'events' then 'message_id' else 'id' end;
    for week in
      select date_trunc('week', app_clock() at time zone 'UTC') at time zone 'UTC' + n * interval '1 week'
      from generate_series(-1, weeks_ahead) as n
    loop
      child := parent || '_' || to_char(week at time zone 'UTC', 'YYYYMMDD');
      continue when to_regclass('public.' || child) is not null;
      lower_id := uuid_v7_floor(week);
      upper_id := uuid_v7_floor(week + interval '1 week');
      begin
        execute format('create table %I (like %I including defaults including constraints including storage)', child, parent);
        if parent = 'messages' then
          execute format('alter table %I set (fillfactor = 70)', child);
        end if;
        execute format('alter table %I add constraint %I check (%I >= %L and %I < %L)',
          child, child || '_range', key_column, lower_id, key_column, upper_id);
        execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, child, lower_id, upper_id);
        execute format('alter table %I drop constraint %I', child, child || '_range');
        execute format('alter table %I enable row level security', child);
        made := made + 1;
      exception when check_violation then
        raise warning 'the partition % is not made: rows of its week lie in %_default', child, parent;
      end;
    end loop;
  end loop;
  return made;
end
$$;

-- Expiry sweeps every lane of the installation, paused and ownerless ones too.
create index outgoing_expiry_idx on outgoing (expires_at);

-- The place in the queue of a message that came due: the due time, and among those of one due time the order of
-- their acceptance. A UUIDv7 whose 74 free bits are the lower 36 of the id's milliseconds and the lower 38 of its
-- counter, which grows within a millisecond.
create function scheduled_pos(due_at timestamptz, message_id uuid) returns uuid
  language sql immutable parallel safe
  as $$
    select (left(uuid_v7_floor(due_at)::text, 14) || '7' || substr(h, 4, 3) ||
      to_hex((b'10' || ('x' || substr(h, 7, 6))::bit(24) || ('x' || substr(h, 15, 2))::bit(8)
        || substring(('x' || substr(h, 17, 8))::bit(32) from 3))::bit(64)::bigint))::uuid
    from replace(message_id::text, '-', '') as h
  $$;
