-- The installation: who it is, the marks of the database that it knows, those of the one it is on, and its hold.
select i.identity, i.system_identifier, i.timeline, i.database_oid, i.marked_at,
  i.held_at, i.held_because, i.held_reason, i.difference, i.restored_work_at,
  p.system_identifier as present_system_identifier, p.timeline as present_timeline, p.database_oid as present_database_oid
from installation i cross join present_marks() p
