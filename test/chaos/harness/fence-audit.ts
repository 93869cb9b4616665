import { isOf, type Connected, type Queryable } from './owners.js';

/**
 * Lets the database write down who writes to the queue, and who owns the lane at that moment: intents, settles (their
 * `attempt` events) and attempts that are counted up. A lane's owner alone may do so.
 */
export async function auditFences(postgres: Queryable): Promise<void> {
  await postgres.query(`
    create table chaos.writes (
      kind text, client_port integer, at timestamptz default clock_timestamp(), message_id uuid,
      lane_owner uuid, lane_token bigint, owner uuid, token bigint);

    create function chaos.note_intent() returns trigger language plpgsql security definer as $$
      begin
        insert into chaos.writes (kind, client_port, lane_owner, lane_token, owner, token)
          select 'intent', inet_client_port(), l.owner, l.token, new.owner, new.token
          from public.lanes l where l.tenant_id = new.tenant_id and l.account_id = new.account_id;
        return new;
      end $$;
    create trigger note_intent after insert on public.intents for each row execute function chaos.note_intent();

    create function chaos.note_attempt() returns trigger language plpgsql security definer as $$
      begin
        insert into chaos.writes (kind, client_port, message_id, lane_owner, lane_token)
          select 'settle', inet_client_port(), new.message_id, l.owner, l.token
          from public.messages m join public.lanes l on l.tenant_id = m.tenant_id and l.account_id = m.account_id
          where m.tenant_id = new.tenant_id and m.id = new.message_id;
        return new;
      end $$;
    create trigger note_attempt after insert on public.events for each row
      when (new.type = 'attempt') execute function chaos.note_attempt();

    create function chaos.note_again() returns trigger language plpgsql security definer as $$
      begin
        insert into chaos.writes (kind, client_port, message_id, lane_owner, lane_token)
          select 'again', inet_client_port(), new.message_id, l.owner, l.token
          from public.lanes l where l.tenant_id = new.tenant_id and l.account_id = new.account_id;
        return new;
      end $$;
    create trigger note_again after update of attempt on public.outgoing for each row execute function chaos.note_again()`);
}

interface Write {
  readonly kind: 'intent' | 'settle' | 'again';
  readonly client_port: number;
  readonly at: Date;
  readonly message_id: string | null;
  readonly lane_owner: string | null;
  readonly lane_token: number;
  readonly owner: string | null;
  readonly token: number | null;
}

/** All audited writes, and those that were taken from somebody else than the lane's owner. */
export async function fenceBreaks(
  postgres: Queryable,
  replicas: readonly Connected[],
): Promise<{ writes: number; breaks: string[] }> {
  const writes = await postgres.query<Write>(
    'select kind, client_port, at, message_id, lane_owner, lane_token::int, owner, token::int from chaos.writes',
  );
  const workers = await postgres.query<{ id: string; client_port: number; at: Date }>(
    'select id, client_port, at from chaos.workers',
  );
  const replicaOf = (port: number, at: Date): string | undefined =>
    replicas.find((replica) => isOf(replica, port, at))?.name;
  const owners = new Map(
    workers.map(({ id, client_port, at }) => [id, replicaOf(client_port, at)]),
  );
  const isOwners = (write: Write): boolean => {
    if (write.lane_owner === null) return false;
    if (write.kind === 'intent')
      return write.owner === write.lane_owner && write.token === write.lane_token;
    const writer = replicaOf(write.client_port, write.at);
    return writer !== undefined && writer === owners.get(write.lane_owner);
  };
  const breaks = writes
    .filter((write) => !isOwners(write))
    .map((write) => `${write.kind} of a former owner was taken: ${JSON.stringify(write)}`);
  return { writes: writes.length, breaks };
}
