import type { FaultProxy } from './fault-proxy.js';
import type { Postgres } from './postgres.js';
import type { Replica } from './replica.js';

/** What is needed of the database, as superuser. */
export type Queryable = Pick<Postgres, 'query'>;
/** What is needed of a replica: its name, and the connections that it made. */
export type Connected = Pick<Replica, 'name'> & {
  readonly toDatabase: Pick<FaultProxy, 'history'>;
};

/**
 * Lets the database write down which connection announced which worker (the port tells the replica), and which lanes
 * were taken from their owners, with what may have been on the wire then.
 */
export async function watchWorkers(postgres: Queryable): Promise<void> {
  await postgres.query(`
    create schema chaos;
    create table chaos.workers (id uuid, client_port integer, at timestamptz default clock_timestamp());
    create function chaos.note_worker() returns trigger language plpgsql security definer as $$
      begin
        insert into chaos.workers (id, client_port) values (new.id, inet_client_port());
        return new;
      end $$;
    create trigger note_worker after insert on public.workers for each row execute function chaos.note_worker();

    create table chaos.fencings (owner uuid, at timestamptz default clock_timestamp(), open_ids uuid[]);
    create function chaos.note_fencing() returns trigger language plpgsql security definer as $$
      begin
        insert into chaos.fencings (owner, open_ids)
          select old.owner, coalesce(array_agg(q.message_id), '{}')
          from public.intents i
          cross join lateral unnest(i.message_ids, i.attempts) as open (message_id, attempt)
          join public.outgoing q on q.tenant_id = i.tenant_id and q.message_id = open.message_id and q.attempt = open.attempt
          where i.tenant_id = old.tenant_id and i.account_id = old.account_id;
        return new;
      end $$;
    create trigger note_fencing after update of token on public.lanes for each row
      when (old.owner is not null and old.owner <> new.owner) execute function chaos.note_fencing()`);
}

/** What was in open intents when owners were fenced: a lane taken from its owner, and not given back by it. */
export async function fencings(
  postgres: Queryable,
): Promise<{ owner: string; at: Date; openIds: string[] }[]> {
  return postgres.query('select owner, at, open_ids as "openIds" from chaos.fencings');
}

interface Announced {
  readonly id: string;
  readonly client_port: number;
  readonly at: Date;
}

/** The names under which a replica's processes have owned lanes. */
export async function workersOf(postgres: Queryable, replica: Connected): Promise<string[]> {
  const rows = await postgres.query<Announced>('select id, client_port, at from chaos.workers');
  return rows.filter((row) => isOf(replica, row.client_port, row.at)).map(({ id }) => id);
}

/** Between the clocks of the harness and of the database, and until a closed connection is seen as closed. */
const slackMs = 500;

/** Whether a connection of the database was this replica's at a time: the system gives ports out again later. */
export function isOf(replica: Connected, port: number, at: Date): boolean {
  return replica.toDatabase.history.some(
    (made) =>
      made.port === port &&
      made.from <= at.getTime() + slackMs &&
      (made.to ?? Infinity) >= at.getTime() - slackMs,
  );
}

/** The messages of the open intents of these workers: an id is open while its queue row carries the attempt. */
export async function openIdsOf(
  postgres: Queryable,
  workers: readonly string[],
): Promise<string[]> {
  const rows = await postgres.query<{ message_id: string }>(
    `select q.message_id
      from intents i
      cross join lateral unnest(i.message_ids, i.attempts) as open (message_id, attempt)
      join outgoing q on q.tenant_id = i.tenant_id and q.message_id = open.message_id and q.attempt = open.attempt
      where i.owner = any($1::uuid[])`,
    [workers],
  );
  return rows.map((row) => row.message_id);
}
