import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { Database, InstallationHold } from '../platform/database/index.js';
import { withoutDeadline } from '../platform/deadline/index.js';
import { NotFound, Overloaded } from '../platform/errors/index.js';
import { Ids, showId } from '../platform/ids/index.js';
import type { Caller } from '../tenants/index.js';
import type { WebhookAttempt } from './attempt.js';
import { EndpointTargets } from './endpoint-targets.js';
import { WebhookEndpointsService } from './webhook-endpoints.service.js';
import { WebhookSender } from './webhook-sender.js';
import { WebhooksOnHold } from './webhooks.errors.js';

export interface TestResult {
  readonly eventId: string;
  readonly at: Date;
  readonly attempt: WebhookAttempt;
}

const timeoutMs = 10_000;
/** Of this process: a test holds a socket for as long as somebody else's server wants. */
const mostAtOnce = 16;

/** Calls an endpoint while its tenant waits, so that a mistake shows at once. It stands in no feed, and nothing is tried again. */
@Injectable()
export class WebhookTester {
  private underWay = 0;

  constructor(
    private readonly endpoints: WebhookEndpointsService,
    private readonly targets: EndpointTargets,
    private readonly sender: WebhookSender,
    private readonly database: Database,
    private readonly hold: InstallationHold,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** @throws NotFound, WebhooksOnHold, Overloaded */
  async test(caller: Caller, endpointId: string): Promise<TestResult> {
    const { tenantId } = caller;
    await this.endpoints.get(caller, endpointId);
    const [target] = await this.database.transaction('reads', { role: 'tenant', tenantId }, (tx) =>
      this.targets.read(tx, [{ tenantId, endpointId }]),
    );
    if (target === undefined) throw new NotFound();
    if (await this.hold.isOn()) throw new WebhooksOnHold();
    if (this.underWay >= mostAtOnce) throw new Overloaded();
    const eventId = this.ids.next();
    const body = JSON.stringify({
      type: 'webhook.test',
      timestamp: this.clock.now().toISOString(),
      data: { endpoint_id: showId('whe', endpointId) },
    });
    this.underWay += 1;
    try {
      const { url, secrets } = target;
      const call = { url, secrets, eventId, body, timeoutMs };
      const attempt = await withoutDeadline(() => this.sender.send(call));
      return { eventId, at: this.clock.now(), attempt };
    } finally {
      this.underWay -= 1;
    }
  }
}
