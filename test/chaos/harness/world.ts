import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { callAgain, createTenant, type TestTenant } from '../../support/api.js';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/ports.js';
import { isSigned, startReceiver, type WebhookReceiver } from '../../support/webhook-receiver.js';
import type { Act, ClientEntry, HeardFinal } from '../judge/histories.js';
import { judge } from '../judge/judge.js';
import { NdjsonLog, readNdjson } from '../judge/ndjson.js';
import { readDatabase } from '../judge/read-database.js';
import type { Judgement } from '../judge/verdicts.js';
import { FaultProxy } from './fault-proxy.js';
import { LoadClient, type LoadOptions } from './load-client.js';
import { fencings, openIdsOf, watchWorkers, workersOf } from './owners.js';
import { Postgres } from './postgres.js';
import type { Random } from './random.js';
import { Replica } from './replica.js';
import { SandboxProcess } from './sandbox-process.js';

export interface WorldOptions {
  /** @default 2 */
  readonly replicas?: number;
  /** Tenants with one account each, that is lanes. @default 4 */
  readonly tenants?: number;
  /** Calls to the provider a second and account at first, as a gateway finds out by itself how many there may be. @default 200 */
  readonly ratePerAccount?: number;
  /** The most calls a second and account, until the world is drained: so that what is queued lasts. @default no bound */
  readonly mostPerAccount?: number;
  /** Of the gateways, over the short leases that all runs have. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Of one gateway, over those of all; the first one is 0. */
  readonly variablesOf?: (gateway: number) => Readonly<Record<string, string>>;
  readonly sandbox?: Readonly<Record<string, string>>;
  readonly postgres?: Readonly<Record<string, string>>;
  /** PostgreSQL's files lie on a disk of that size, in memory, where this user may mount one. */
  readonly diskMegabytes?: number;
  /**
   * Whether gateways reach the others, and the provider them, past all wires: where so much goes over them that the
   * harness's own pace would be what is measured. Nothing can be cut then.
   * @default false
   */
  readonly direct?: boolean;
  /** Whether each tenant has a webhook endpoint, and the judge looks for what was never told. @default false */
  readonly webhooks?: boolean;
}

type Defaulted = 'run' | 'url' | 'tenants' | 'log' | 'random' | 'firstNumber' | 'mode';

/** Calls a second and account, once it is seen what was to be seen. */
export const drainRate = 2_000;
/** Far less than a machine sends that has other things to do as well. */
const leastDrainedPerSecond = 50;

/**
 * An installation of real processes: PostgreSQL, the sandbox, gateways behind a front, each on wires that can be
 * broken. It keeps the three histories that the judge joins.
 */
export class World {
  readonly replicas: Replica[] = [];
  readonly tenants: TestTenant[] = [];
  private numbers = 0;
  private front!: FaultProxy;
  private turn = 0;
  private readonly ready = new Set<Replica>();
  private readonly asking = new Set<Replica>();
  private watching: NodeJS.Timeout | null = null;
  private aheadMs = 0;
  private receiver: WebhookReceiver | null = null;
  private heard: NdjsonLog<HeardFinal> | null = null;

  private constructor(
    private readonly directory: string,
    /** The word with which all texts begin. */
    readonly run: string,
    readonly random: Random,
    readonly postgres: Postgres,
    readonly sandbox: SandboxProcess,
    private readonly clients: NdjsonLog<ClientEntry>,
    private readonly acts: NdjsonLog<Act>,
  ) {}

  static async start(
    directory: string,
    run: string,
    random: Random,
    options: WorldOptions = {},
  ): Promise<World> {
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    const [postgres, sandbox] = await Promise.all([
      Postgres.start(directory, options.postgres, options.diskMegabytes ?? null),
      SandboxProcess.start(directory, {
        SANDBOX_SEED: run,
        SANDBOX_LATENCY_MS: '30',
        ...options.sandbox,
      }),
    ]);
    const world = new World(
      directory,
      run,
      random,
      postgres,
      sandbox,
      new NdjsonLog(join(directory, 'clients.ndjson')),
      new NdjsonLog(join(directory, 'acts.ndjson')),
    );
    try {
      await world.settle(options);
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  /** What clients and the provider call. Whichever replica is ready takes the connection. */
  get url(): string {
    return this.front.url;
  }

  /** The wire of clients and callbacks. */
  get toFront(): FaultProxy {
    return this.front;
  }

  /** Clients that begin at once; their numbers go on from those of the clients before. */
  load(options: Omit<LoadOptions, Defaulted> & Partial<Pick<LoadOptions, Defaulted>>): LoadClient {
    const firstNumber = this.reserve(options.count);
    return new LoadClient({
      run: this.run,
      url: this.url,
      tenants: this.tenants,
      log: this.clients,
      random: this.random.fork(),
      mode: 'at_most_once',
      firstNumber,
      ...options,
    });
  }

  /** Numbers for messages of a run's own clients; gives the first one. */
  reserve(count: number): number {
    const first = this.numbers;
    this.numbers += count;
    return first;
  }

  /** For a run's own clients. */
  log(entry: ClientEntry): void {
    this.clients.append(entry);
  }

  /**
   * Moves the clock that database and provider go by. The heartbeats of the workers come along, as they would have gone
   * on all the time; with `isSudden` they do not, so that every worker looks silent to the others.
   */
  async moveClock(seconds: number, { isSudden = false } = {}): Promise<void> {
    this.aheadMs += seconds * 1_000;
    await this.postgres.query(
      `create or replace function app_clock() returns timestamptz language sql stable parallel safe
        as $$ select statement_timestamp() + interval '${this.aheadMs} milliseconds' $$;
      update workers set heartbeat_at = heartbeat_at + interval '${isSudden ? 0 : seconds} seconds'`,
    );
    await this.sandbox.advance(seconds);
  }

  /** Milliseconds since 1970, by the clock that database and provider go by. */
  get nowMs(): number {
    return Date.now() + this.aheadMs;
  }

  /** kill -9. Gives how many messages may have been on the wire. */
  async kill(replica: Replica): Promise<number> {
    const ports = replica.toDatabase.localPorts;
    await replica.kill();
    await this.backendsGone(ports);
    return this.noteAct('kill', replica);
  }

  /** Waits, for a moment at most, until a replica has an open intent. Gives whether it has. */
  async somethingOnTheWire(replica: Replica): Promise<boolean> {
    const isOpen = (): Promise<boolean> => this.isSending(replica);
    return eventually(isOpen, { withinMs: 5_000 }).then(
      () => true,
      () => false,
    );
  }

  /**
   * Stops a replica in the middle of a send, and gives it: the first one if it comes to that, else another. Where a machine is
   * slow, the answer is settled between a look and a blow.
   */
  async stopInASend(first: Replica): Promise<Replica> {
    const others = this.replicas.filter((replica) => replica !== first);
    for (const replica of [first, ...others, first]) {
      for (let tries = 0; tries < 5 && (await this.somethingOnTheWire(replica)); tries += 1) {
        replica.freeze();
        if (await this.isSending(replica)) return replica;
        replica.thaw();
      }
    }
    return first;
  }

  private async isSending(replica: Replica): Promise<boolean> {
    const workers = await workersOf(this.postgres, replica);
    return (await openIdsOf(this.postgres, workers)).length > 0;
  }

  /** Writes down what may be on the wire of a replica now, as its fate may be unknown from here on. */
  async noteAct(act: string, replica: Replica): Promise<number> {
    const workers = await workersOf(this.postgres, replica);
    const openIds = await openIdsOf(this.postgres, workers);
    this.acts.append({ at: Date.now(), act, target: replica.name, openIds });
    return openIds.length;
  }

  /**
   * Writes down that the database is back where it stood before: whatever waits in it may have been sent since.
   * Gives how many messages that are.
   */
  async noteRestored(): Promise<number> {
    const rows = await this.postgres.query<{ message_id: string }>(
      'select message_id from outgoing union all select message_id from scheduled',
    );
    const openIds = rows.map((row) => row.message_id);
    this.acts.append({ at: Date.now(), act: 'restore', target: 'database', openIds });
    return openIds.length;
  }

  /** Waits until the front sends requests to this replica again. */
  async isReady(replica: Replica): Promise<void> {
    // What was seen before a blow does not count.
    this.ready.delete(replica);
    await eventually(async () => this.ready.has(replica), {
      withinMs: 90_000,
      what: `${replica.name} ready`,
    });
  }

  /** Waits until all that was accepted has its fate. Gives false where that did not come within the bound, and leaves a file that says what is in hand. */
  async quiesce(withinMs: number): Promise<boolean> {
    try {
      await eventually(async () => (await this.unfinished()) === 0, { withinMs });
      return true;
    } catch {
      const inHand = await this.inHand().catch(String);
      writeFileSync(join(this.directory, 'unfinished.json'), JSON.stringify(inHand));
      return false;
    }
  }

  /** Messages that wait to be sent, those on the wire included. */
  async queued(): Promise<number> {
    const [row] = await this.postgres.query<{ queued: number }>(
      'select count(*)::int as queued from outgoing',
    );
    return row?.queued ?? -1;
  }

  /** Once it is seen what was to be seen: what waits is sent as quickly as the machine can. False where that took too long. */
  async drain(): Promise<boolean> {
    await this.postgres.query('update connections set max_per_second = null');
    await this.postgres.query('update connection_states set learned_limit = $1, rate = $1', [
      drainRate,
    ]);
    return this.quiesce(((await this.queued()) / leastDrainedPerSecond) * 1_000 + 120_000);
  }

  /** Rows of work in hand, and callbacks that the provider still has to make. */
  async unfinished(): Promise<number> {
    return Object.values(await this.inHand()).reduce((sum, count) => sum + count, 0);
  }

  private async inHand(): Promise<Record<string, number>> {
    const [counts] = await this.postgres.query<Record<string, number>>(
      `select (select count(*) from outgoing)::int as outgoing, (select count(*) from scheduled)::int as scheduled,
        (select count(*) from intents)::int as intents,
        (select count(*) from awaiting where status <> 'uncertain' or retry_at is not null)::int as awaiting,
        (select count(*) from receipts where not folded)::int as receipts, (select count(*) from outbox)::int as outbox,
        (select count(*) from webhook_deliveries where status = 'pending')::int as webhook_deliveries`,
    );
    return { ...counts, callbacks: await this.sandbox.planned() };
  }

  async judge(): Promise<Judgement> {
    await this.noteFencings();
    return judge({
      run: this.run,
      clients: readNdjson(this.clients.path),
      provider: readNdjson(this.sandbox.journal),
      database: readDatabase((text, parameters) => this.postgres.query(text, parameters)),
      acts: readNdjson(this.acts.path),
      heard: this.heard === null ? null : readNdjson(this.heard.path),
      judgedAt: this.nowMs,
    });
  }

  /** Messages that were in open intents when something was done to their owner. */
  async openIds(act: string): Promise<Set<string>> {
    const ids = new Set<string>();
    for await (const entry of readNdjson<Act>(this.acts.path))
      if (entry.act === act) for (const id of entry.openIds) ids.add(id);
    return ids;
  }

  /** Keeps what the database says beside the other histories, for whoever looks for the cause. */
  async keepDatabase(): Promise<void> {
    const rows: unknown[] = [];
    const query = <Row>(text: string, parameters?: readonly unknown[]): Promise<Row[]> =>
      this.postgres.query(text, parameters);
    for await (const message of readDatabase(query)) rows.push(message);
    const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    writeFileSync(join(this.directory, 'database.ndjson'), text);
  }

  async close(): Promise<void> {
    if (this.watching) clearInterval(this.watching);
    await Promise.all(this.replicas.map((replica) => replica.close()));
    await this.front?.close();
    await this.receiver?.close();
    await this.sandbox.stop();
    await this.postgres.stop();
    this.clients.close();
    this.acts.close();
    this.heard?.close();
  }

  private async settle(options: WorldOptions): Promise<void> {
    await watchWorkers(this.postgres);
    this.front = await FaultProxy.start({ targets: () => this.inTurn() });
    const count = options.replicas ?? 2;
    const direct = options.direct === true;
    for (let n = 0; n < count; n += 1) {
      const port = await freePort();
      this.replicas.push(
        await Replica.prepare({
          name: `gateway-${n + 1}`,
          port,
          publicUrl: direct ? `http://127.0.0.1:${port}` : this.front.url,
          direct,
          databaseUrls: { login: this.postgres.loginUrl, owner: this.postgres.ownerUrl },
          databasePort: this.postgres.port,
          providerPort: this.sandbox.port,
          variables: {
            ...(options.webhooks === true ? { OUTBOUND_ALLOW_CIDRS: '127.0.0.0/8' } : {}),
            ...options.variables,
            ...options.variablesOf?.(n),
          },
          logFile: join(this.directory, `gateway-${n + 1}.log`),
        }),
      );
    }
    await Promise.all(this.replicas.map((replica) => replica.start()));
    this.watching = setInterval(() => void this.lookWhoIsReady(), 100);
    await this.lookWhoIsReady();
    for (let n = 0; n < (options.tenants ?? 4); n += 1)
      this.tenants.push(await createTenant({ url: this.url }, {}, `Tenant ${n + 1}`));
    if (options.webhooks === true) await this.listen();
    const most = options.mostPerAccount ?? null;
    await this.postgres.query('update connections set max_per_second = $1', [most]);
    await this.postgres.query('update connection_states set rate = $1', [
      options.ratePerAccount ?? most ?? 200,
    ]);
  }

  /** One receiver for the endpoints of all tenants: it writes down what it was told, and takes it. */
  private async listen(): Promise<void> {
    const receiver = await startReceiver();
    const heard = new NdjsonLog<HeardFinal>(join(this.directory, 'heard.ndjson'));
    this.receiver = receiver;
    this.heard = heard;
    const secrets: string[] = [];
    for (const { apiKey } of this.tenants) {
      const { secret } = await callAgain<{ secret: string }>(
        this,
        'POST',
        '/v1/webhook-endpoints',
        {
          token: apiKey,
          body: { url: receiver.url },
          expect: 201,
        },
      );
      secrets.push(secret);
    }
    receiver.answer = (webhook) => {
      receiver.received.length = 0;
      if (!secrets.some((secret) => isSigned(webhook, secret))) return { status: 401 };
      const { text, status } = webhook.body.data;
      heard.append({ at: Date.now(), text: String(text), status: String(status) });
      return { status: 204, body: '' };
    };
  }

  private async noteFencings(): Promise<void> {
    for (const { owner, at, openIds } of await fencings(this.postgres))
      this.acts.append({ at: at.getTime(), act: 'fenced', target: owner, openIds });
  }

  /** The ready ones by turns, then the rest: where none is ready the client hears it from one of them. */
  private inTurn(): number[] {
    this.turn += 1;
    const turned = this.replicas.map(
      (_, index) => this.replicas[(index + this.turn) % this.replicas.length] as Replica,
    );
    const ready = turned.filter((replica) => this.ready.has(replica));
    return [...ready, ...turned.filter((replica) => !this.ready.has(replica))].map(
      ({ port }) => port,
    );
  }

  private async lookWhoIsReady(): Promise<void> {
    await Promise.all(
      this.replicas.map(async (replica) => {
        if (this.asking.has(replica)) return;
        this.asking.add(replica);
        const answer = await fetch(`${replica.url}/health/ready`, {
          signal: AbortSignal.timeout(3_000),
        }).catch(() => null);
        await answer?.arrayBuffer().catch(() => null);
        this.asking.delete(replica);
        if (answer?.ok) this.ready.add(replica);
        else this.ready.delete(replica);
      }),
    );
  }

  /** What a killed process had sent may still be carried out, until PostgreSQL sees that it is gone. */
  private async backendsGone(ports: readonly number[]): Promise<void> {
    await eventually(
      async () => {
        const left = await this.postgres.query(
          'select 1 from pg_stat_activity where client_port = any($1::int[])',
          [ports],
        );
        return left.length === 0;
      },
      { withinMs: 10_000, what: 'the end of the backends of a killed gateway' },
    );
  }
}
