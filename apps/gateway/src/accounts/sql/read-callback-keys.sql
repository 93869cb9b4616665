-- All keys that callback URLs were ever signed with: a few, as operators rotate them by hand.
select id, sealed_key, created_at, retired_at
from callback_keys
order by id;
