import { Dispatcher } from '../../apps/gateway/src/lanes/dispatcher.js';
import { GraceReturner } from '../../apps/gateway/src/lanes/grace-returner.js';
import { LaneKeeper } from '../../apps/gateway/src/lanes/lane-keeper.js';
import { LaneRefresher } from '../../apps/gateway/src/lanes/lane-refresher.js';
import { LaneRegistry } from '../../apps/gateway/src/lanes/lane-registry.js';
import { Pager } from '../../apps/gateway/src/lanes/pager.js';
import { WorkerPresence } from '../../apps/gateway/src/lanes/worker-presence.js';
import type { TestDatabase } from './database.js';
import { call, callAgain, eventually, type TestGateway, type TestTenant } from './gateway.js';

/** The loops of a worker, turned by hand: a gateway that was started with `loops: false`. */
export class Steps {
  constructor(
    readonly gateway: TestGateway,
    private readonly database: TestDatabase,
  ) {}

  /** One heartbeat, and the lanes that are free. */
  async own(): Promise<void> {
    await this.beat();
    await this.gateway.get(LaneKeeper).runOnce();
  }

  async beat(): Promise<void> {
    await this.gateway.get(WorkerPresence).beat(0);
  }

  async keep(): Promise<void> {
    await this.gateway.get(LaneKeeper).runOnce();
  }

  /** Reads the queues and lets out what may go; a token needs a moment to come. */
  async pump(): Promise<void> {
    await this.page();
    await pause(60);
    this.gateway.get(Dispatcher).pumpAll();
    await this.intended();
    await pause(30);
  }

  /** Until every intent stands, or was put back; one that a test holds is not waited for. */
  private async intended(): Promise<void> {
    await eventually(async () => this.lanes.all().every((lane) => !lane.intending), {
      withinMs: 1_000,
    }).catch(() => undefined);
  }

  /** Reads on in every queue, as after a hint. */
  async page(): Promise<void> {
    for (const lane of this.lanes.all()) lane.mayHaveMore = true;
    await this.gateway.get(Pager).runOnce();
  }

  /** Not even what may go again at once, as after a 429. */
  letNothingMoreOut(): void {
    for (const lane of this.lanes.all()) lane.releasing = true;
  }

  async refresh(): Promise<void> {
    await this.gateway.get(LaneRefresher).runOnce();
  }

  async returnFromGrace(): Promise<void> {
    await this.refresh();
    await this.gateway.get(GraceReturner).runOnce();
  }

  get lanes(): LaneRegistry {
    return this.gateway.get(LaneRegistry);
  }

  /** Waits until nothing is on the wire, and what was learned is written. */
  async settled(): Promise<void> {
    await eventually(async () => this.gateway.get(Dispatcher).isQuiet, {
      withinMs: 20_000,
      what: 'a quiet wire',
    });
  }

  /** So fast that no test waits for a token. */
  async withoutRateLimit(): Promise<void> {
    await this.database.query('update connection_states set rate = 5000');
  }
}

export async function send(
  gateway: { readonly url: string },
  tenant: TestTenant,
  message: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const accepted = await callAgain<{ id: string }>(gateway, 'POST', '/v1/messages', {
    token: tenant.apiKey,
    body: { recipient: '+380671234567', text: 'Hello', ...message },
    expect: 202,
  });
  return accepted.id;
}

export interface ReadMessage {
  readonly id: string;
  readonly status: string;
  readonly is_final: boolean;
  readonly possible_duplicate: boolean;
  readonly attempts: number;
  readonly provider_message_id: string | null;
  readonly status_detail: { readonly code: string | null } | null;
}

export function read(
  gateway: { readonly url: string },
  tenant: TestTenant,
  id: string,
): Promise<ReadMessage> {
  return call<ReadMessage>(gateway, 'GET', `/v1/messages/${id}`, {
    token: tenant.apiKey,
    expect: 200,
  });
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
