-- The polls of one lane that are due, in the order of DISPATCH 16: what leaves the provider's window soon, then
-- what was never polled, by class and newest first, then the rest. The attempt is the one whose id it is: what is
-- learned of it says nothing about another. What has left the window waits for its end. $1 account, $2 most of each line.
-- None while the installation is on hold.
select message_id, provider_message_id, attempt, polls, sent_at, expires_at, poll_line from (
  (select message_id, provider_message_id, coalesce(provider_attempt, attempt) as attempt, polls, sent_at, expires_at, poll_line from awaiting
    where account_id = $1 and poll_line = 0 and next_poll_at <= app_clock() and window_ends_at > app_clock() order by next_poll_at limit $2)
  union all
  (select message_id, provider_message_id, coalesce(provider_attempt, attempt) as attempt, polls, sent_at, expires_at, poll_line from awaiting
    where account_id = $1 and poll_line = 1 and next_poll_at <= app_clock() and window_ends_at > app_clock() order by next_poll_at desc limit $2)
  union all
  (select message_id, provider_message_id, coalesce(provider_attempt, attempt) as attempt, polls, sent_at, expires_at, poll_line from awaiting
    where account_id = $1 and poll_line = 2 and next_poll_at <= app_clock() and window_ends_at > app_clock() order by next_poll_at desc limit $2)
  union all
  (select message_id, provider_message_id, coalesce(provider_attempt, attempt) as attempt, polls, sent_at, expires_at, poll_line from awaiting
    where account_id = $1 and poll_line = 3 and next_poll_at <= app_clock() and window_ends_at > app_clock() order by next_poll_at desc limit $2)
  union all
  (select message_id, provider_message_id, coalesce(provider_attempt, attempt) as attempt, polls, sent_at, expires_at, poll_line from awaiting
    where account_id = $1 and poll_line = 4 and next_poll_at <= app_clock() and window_ends_at > app_clock() order by next_poll_at limit $2)
) as due
where not exists (select from installation where held_at is not null)
