-- The examined messages that pass the filters of immutable columns; null asks for nothing. Only a status that is final
-- can be judged here. $6 statuses, $7 recipient, $8 accounts, $9 sender, $10 category, $11 client reference.
wanted as (
  select id
  from examined
  where ($6::text[] is null or status = any ($6::text[])
      or (status is null and $6::text[] && array['scheduled', 'queued', 'sending', 'sent', 'pending', 'uncertain']))
    and ($7::text is null or recipient = $7::text)
    and ($8::uuid[] is null or account_id = any ($8::uuid[]))
    and ($9::text is null or sender = $9::text)
    and ($10::text is null or category = $10::text)
    and ($11::text is null or client_reference = $11::text)
)
