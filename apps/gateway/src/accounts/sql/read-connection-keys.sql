-- The sealed keys of several connections.
select id, tenant_id, sealed_key, key_version, fingerprint
from connections
where id = any ($1::uuid[]);
