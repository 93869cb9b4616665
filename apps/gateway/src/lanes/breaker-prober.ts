import { Injectable } from '@nestjs/common';
import { ViberClient, ViberError, type ViberKeyCheck } from '#viber';
import { ConnectionKeys } from '../accounts/index.js';
import { Clock } from '../platform/clock/index.js';
import { Configuration } from '../platform/config/index.js';
import { InstallationHold } from '../platform/database/index.js';
import { Log } from '../platform/logging/index.js';
import type { Breaker } from './breaker.js';
import { LaneRegistry } from './lane-registry.js';
import type { LaneState } from './lane-state.js';
import { ProviderRoute } from './provider-route.js';

/** Asks a harmless question where the way is doubted: an open breaker, or an address that was wrong. */
@Injectable()
export class BreakerProber {
  constructor(
    private readonly registry: LaneRegistry,
    private readonly route: ProviderRoute,
    private readonly client: ViberClient,
    private readonly keys: ConnectionKeys,
    private readonly hold: InstallationHold,
    private readonly configuration: Configuration,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async runOnce(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    const lanes = this.registry.all();
    const [any] = lanes;
    if (!this.isDoubted(lanes, nowMs) || (await this.hold.isOn())) return;
    if (
      any &&
      this.route.claimQuestion(nowMs) &&
      (await this.ask(any)) !== 'unreachable' &&
      this.route.foundRight()
    ) {
      this.log.info('the provider answers at its base URL again');
    }
    if (any && this.route.breaker.mayProbe(nowMs)) await this.probe(any, this.route.breaker);
    const doubted = lanes.filter((lane) => lane.breaker.mayProbe(nowMs));
    await Promise.all(doubted.map((lane) => this.probe(lane, lane.breaker)));
  }

  private isDoubted(lanes: readonly LaneState[], nowMs: number): boolean {
    const { isWrongAddress, breaker } = this.route;
    return (
      isWrongAddress ||
      breaker.mayProbe(nowMs) ||
      lanes.some((lane) => lane.breaker.mayProbe(nowMs))
    );
  }

  private async probe(lane: LaneState, breaker: Breaker): Promise<void> {
    const verdict = await this.ask(lane);
    const nowMs = this.clock.monotonicMs();
    if (verdict === 'unreachable') breaker.probeFailed(nowMs);
    else breaker.probeSucceeded(nowMs);
  }

  private async ask(lane: LaneState): Promise<ViberKeyCheck> {
    // A debt where there is none at this moment: the question goes out, and a send waits for it.
    lane.sends.take(1);
    try {
      const credential = await this.keys.open(lane.connectionId);
      return await this.client.check(credential, {
        timeoutMs: this.configuration.provider.timeoutMs,
      });
    } catch (error) {
      if (!(error instanceof ViberError)) throw error;
      return 'unreachable';
    }
  }
}
