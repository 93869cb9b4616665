import { DatabaseAddress } from '../../apps/gateway/src/platform/database/index.js';
import { ReceiptFold } from '../../apps/gateway/src/receipts/receipt-fold.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { createTenant, eventually, startGateway, type TestTenant } from './gateway.js';
import { startProvider, type ProviderRequest, type TestProvider } from './provider.js';
import { read, send, Steps, type ReadMessage } from './steps.js';

/** What the provider answers to a status request for a message that it does not know. */
export const unknownMessage =
  '{"name":"Invalid Parameter: [message_id]","message":"","code":1,"status":400}';

const closingMs = 40_000;

export interface WorldOptions {
  readonly variables?: Readonly<Record<string, string>>;
  /** Calls a second from the start. @default 5000, so that no test waits for a token */
  readonly rate?: number;
}

/** One tenant, one gateway whose loops the test turns, and a provider that the test answers for. */
export class World {
  /** Meets every `send-viber`. */
  onSend: (request: ProviderRequest) => void = (request) => request.accept(this.nextId());
  /** Meets every `receive-viber`. */
  onStatus: (request: ProviderRequest) => void = (request) => request.answer(200, unknownMessage);
  private lastId = 1_000;
  private readonly closing: (() => Promise<void>)[] = [];

  private constructor(
    readonly database: TestDatabase,
    private readonly options: WorldOptions,
  ) {}

  provider!: TestProvider;
  steps!: Steps;
  tenant!: TestTenant;

  static async start(options: WorldOptions = {}): Promise<World> {
    const world = new World(await createTestDatabase(), options);
    world.provider = await startProvider((request) =>
      isSend(request) ? world.onSend(request) : world.onStatus(request),
    );
    world.steps = await world.worker();
    world.tenant = await createTenant(world.steps.gateway);
    await world.setRate(options.rate ?? 5_000);
    return world;
  }

  /** One more gateway on the same database, on a way of its own to it where one is given. */
  async worker({ databaseUrl }: { databaseUrl?: string } = {}): Promise<Steps> {
    const { database, provider, options } = this;
    const gateway = await startGateway({
      database: databaseUrl === undefined ? database : { address: addressAt(databaseUrl) },
      providerUrl: provider.url,
      loops: false,
      ...(options.variables ? { variables: options.variables } : {}),
    });
    this.closing.unshift(() => gateway.close());
    return new Steps(gateway, database);
  }

  /** Calls a second of every key. */
  async setRate(rate: number): Promise<void> {
    await this.database.query('update connection_states set rate = $1', [rate]);
  }

  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  get sends(): ProviderRequest[] {
    return this.provider.requests.filter(isSend);
  }

  get polls(): ProviderRequest[] {
    return this.provider.requests.filter((request) => !isSend(request));
  }

  /** The texts that went out, in their order: a test's names for its messages. */
  get sentTexts(): unknown[] {
    return this.sends.map((request) => request.body['text']);
  }

  send(message: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return send(this.steps.gateway, this.tenant, message);
  }

  read(id: string): Promise<ReadMessage> {
    return read(this.steps.gateway, this.tenant, id);
  }

  /** Waits until so many sends have come in all. */
  async sent(count: number): Promise<void> {
    await eventually(async () => this.sends.length >= count, { what: `${count} sends` });
  }

  /** Moves the clocks of the database and of the gateway; a surprising step is believed at its second measurement. */
  async moveClock(byMs: number): Promise<void> {
    await this.database.moveClock(byMs);
    await this.steps.beat();
    await this.steps.beat();
  }

  /** Folds what callbacks appended, also what is put off because its message is on the wire. */
  async fold(): Promise<void> {
    await this.database.query('update receipts set fold_after = app_clock() where not folded');
    while (await this.steps.gateway.get(ReceiptFold).runOnce());
  }

  async count(from: string): Promise<number> {
    const [row] = await this.database.query<{ count: number }>(
      `select count(*)::int as count from ${from}`,
    );
    return row?.count ?? -1;
  }

  async close(): Promise<void> {
    for (const close of this.closing.splice(0)) await inTime('a gateway', close());
    await inTime('the provider', this.provider.close());
    await inTime('the database', this.database.drop());
  }
}

/** Says what it is that does not end, before the test's own time is over. */
async function inTime(what: string, closing: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} has not closed within ${closingMs} ms`)),
      closingMs,
    );
  });
  try {
    await Promise.race([closing, late]);
  } finally {
    clearTimeout(timer);
  }
}

function addressAt(url: string): DatabaseAddress {
  return new DatabaseAddress(url, url, url, 12);
}

function isSend(request: ProviderRequest): boolean {
  return request.path.endsWith('/send-viber');
}

/** The callback URL that a send carried. */
export function callbackUrl(request: ProviderRequest | undefined): string {
  const url = request?.body['callback_url'];
  if (typeof url !== 'string') throw new Error('the send carried no callback URL');
  return url;
}

/** Calls back as the provider does; gives the HTTP status of the answer. */
export async function tell(
  url: string,
  status: number,
  messageId?: number | null,
): Promise<number> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...(messageId == null ? {} : { message_id: messageId }), status }),
  });
  await response.arrayBuffer();
  return response.status;
}
