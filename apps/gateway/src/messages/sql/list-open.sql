-- Examines the narrow tables, for statuses that are not final. uncertain may be final too, but not before the
-- provider's window and its margin are over: five days after acceptance at the earliest. $6 statuses.
examined as materialized (
  select m.id, m.account_id, m.sender, m.recipient, m.category, m.client_reference, m.status
  from (
    (select message_id from scheduled
      where tenant_id = $1::uuid and message_id < $2::uuid and message_id >= $3::uuid and 'scheduled' = any ($6::text[])
      order by message_id desc limit $4)
    union
    (select message_id from outgoing
      where tenant_id = $1::uuid and message_id < $2::uuid and message_id >= $3::uuid and 'queued' = any ($6::text[])
      order by message_id desc limit $4)
    union
    (select open.message_id from intents i cross join lateral unnest(i.message_ids) as open (message_id)
      where i.tenant_id = $1::uuid and open.message_id < $2::uuid and open.message_id >= $3::uuid and 'sending' = any ($6::text[])
      order by open.message_id desc limit $4)
    union
    (select message_id from awaiting
      where tenant_id = $1::uuid and message_id < $2::uuid and message_id >= $3::uuid
        and $6::text[] && array['sent', 'pending', 'uncertain']
      order by message_id desc limit $4)
    union
    (select id from messages
      where tenant_id = $1::uuid and id < least($2::uuid, uuid_v7_floor(app_clock() - interval '5 days')) and id >= $3::uuid
        and 'uncertain' = any ($6::text[])
      order by id desc limit $4)
    order by message_id desc
    limit $4
  ) as open
  -- limit keeps the planner from reading all messages instead: 100 ms instead of 400 with a million, and flat.
  cross join lateral (select * from messages where tenant_id = $1::uuid and id = open.message_id limit 1) as m
)
