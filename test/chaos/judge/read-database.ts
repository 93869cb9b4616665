import type { StoredMessage } from './histories.js';

/** Reads the gateway's tables as superuser. */
export type Query = <Row>(text: string, parameters?: readonly unknown[]) => Promise<Row[]>;

const page = 5_000;

// Told apart from the gateway's own derivation of a status on purpose; see queue and messages there.
const statement = `
  select m.id, m.text,
    case
      when m.status is not null then m.status
      when s.message_id is not null then 'scheduled'
      when q.message_id is not null then 'queued'
      when a.message_id is not null then a.status
      else 'nowhere'
    end as place,
    m.possible_duplicate or coalesce(a.maybe_sent and a.attempt > 1, false)
      or coalesce(q.maybe_sent and q.attempt > 1, false) as marked,
    coalesce((
      select array_agg(e.status order by e.id) from events e
      where e.tenant_id = m.tenant_id and e.message_id = m.id and e.applied and e.status is not null
    ), '{}') as history
  from (select * from messages where id > $1 order by id limit ${page}) m
  left join scheduled s on s.tenant_id = m.tenant_id and s.message_id = m.id
  left join outgoing q on q.tenant_id = m.tenant_id and q.message_id = m.id
  left join awaiting a on a.tenant_id = m.tenant_id and a.message_id = m.id
  order by m.id`;

/** Every message of every tenant, in pages. */
export async function* readDatabase(query: Query): AsyncGenerator<StoredMessage> {
  let after = '00000000-0000-0000-0000-000000000000';
  for (;;) {
    const rows = await query<StoredMessage>(statement, [after]);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < page) return;
    after = last.id;
  }
}
