import { Injectable } from '@nestjs/common';
import { smallestIdAt } from '../messages/index.js';
import { Clock } from '../platform/clock/index.js';
import { Database, sqlFile, type Transaction } from '../platform/database/index.js';
import { NotFound } from '../platform/errors/index.js';
import { pageOf, type Caller, type Page, type PageRequest } from '../tenants/index.js';
import { defaultEvents } from './default-events.js';
import type { Delivery, DeliveryStatus } from './delivery.js';
import type { EndpointView } from './endpoint-view.js';
import { WebhookEndpointsService } from './webhook-endpoints.service.js';
import { EndpointDisabled, mostReplayed, ReplayTooLarge, ReplayTooOld } from './webhooks.errors.js';

export interface ReplayRequest {
  readonly sinceMs: number;
  readonly untilMs: number;
  /** null: what the endpoint gets. */
  readonly types: readonly string[] | null;
}

const listDeliveries = sqlFile(import.meta.url, './sql/list-deliveries.sql');
const listOpenDeliveries = sqlFile(import.meta.url, './sql/list-open-deliveries.sql');
const retryDelivery = sqlFile(import.meta.url, './sql/retry-delivery.sql');
const replayPage = sqlFile(import.meta.url, './sql/replay-page.sql');
const wakeLine = sqlFile(import.meta.url, './sql/wake-line.sql');

const pageRows = 5_000;
const keptMs = 30 * 86_400_000;

/** What a tenant sees and asks of its deliveries. */
@Injectable()
export class WebhookDeliveries {
  constructor(
    private readonly database: Database,
    private readonly endpoints: WebhookEndpointsService,
    private readonly clock: Clock,
  ) {}

  /** Newest event first. @throws NotFound */
  async list(
    caller: Caller,
    endpointId: string,
    status: DeliveryStatus | null,
    page: PageRequest,
  ): Promise<Page<Delivery>> {
    const { tenantId } = caller;
    await this.endpoints.get(caller, endpointId);
    const isOpen = status === 'pending' || status === 'failed';
    const rows = await this.database.transaction('reads', { role: 'tenant', tenantId }, (tx) =>
      tx.query<Delivery>(isOpen ? listOpenDeliveries : listDeliveries, [
        tenantId,
        endpointId,
        page.after,
        status,
        page.limit + 1,
      ]),
    );
    return pageOf(rows, page.limit);
  }

  /** One more attempt at once, and all others behind it. @throws NotFound, EndpointDisabled */
  async retry(caller: Caller, endpointId: string, eventId: string): Promise<Delivery> {
    await this.getEnabled(caller, endpointId);
    return this.write(caller.tenantId, async (tx) => {
      const place = [caller.tenantId, endpointId];
      const [delivery] = await tx.query<Delivery>(retryDelivery, [...place, eventId]);
      if (delivery === undefined) throw new NotFound();
      await tx.query(wakeLine, place);
      return delivery;
    });
  }

  /**
   * Delivers events once more, under their ids of before.
   * @returns how many became due
   * @throws NotFound, EndpointDisabled, ReplayTooOld, ReplayTooLarge
   */
  async replay(caller: Caller, endpointId: string, request: ReplayRequest): Promise<number> {
    const endpoint = await this.getEnabled(caller, endpointId);
    if (request.sinceMs < this.clock.nowMs() - keptMs) throw new ReplayTooOld();
    const { tenantId } = caller;
    // All or nothing: whoever asks again must not wonder what the first request did.
    return this.write(tenantId, async (tx) => {
      const bounds = [smallestIdAt(request.sinceMs), smallestIdAt(request.untilMs)];
      const types = request.types ?? endpoint.events ?? defaultEvents;
      let due = 0;
      let lookedAt = 0;
      for (let last: number | null = -1; last !== null;) {
        const parameters = [tenantId, endpointId, ...bounds, last, pageRows, types];
        const page = await readPage(tx, [...parameters, endpoint.accountIds]);
        due += page.due;
        lookedAt += page.looked_at;
        if (lookedAt > mostReplayed) throw new ReplayTooLarge();
        last = page.looked_at === pageRows ? page.last : null;
      }
      if (due > 0) await tx.query(wakeLine, [tenantId, endpointId]);
      return due;
    });
  }

  private async getEnabled(caller: Caller, endpointId: string): Promise<EndpointView> {
    const endpoint = await this.endpoints.get(caller, endpointId);
    if (endpoint.status === 'disabled') throw new EndpointDisabled();
    return endpoint;
  }

  private write<T>(tenantId: string, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.database.transaction('reads', { role: 'tenant', tenantId, access: 'write' }, work);
  }
}

interface ReplayedPage {
  readonly due: number;
  /** null where there was nothing to look at. */
  readonly last: number | null;
  readonly looked_at: number;
}

async function readPage(tx: Transaction, parameters: readonly unknown[]): Promise<ReplayedPage> {
  const [page] = await tx.query<ReplayedPage>(replayPage, parameters);
  return page ?? { due: 0, last: null, looked_at: 0 };
}
