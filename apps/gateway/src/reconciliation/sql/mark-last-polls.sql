-- What leaves the provider's window within six hours goes to the front of the polls, once.
update awaiting a set poll_line = 0, next_poll_at = least(a.next_poll_at, app_clock())
where a.window_ends_at < app_clock() + interval '6 hours' and a.poll_line > 0
