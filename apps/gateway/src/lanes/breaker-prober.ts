import { Injectable } from '@nestjs/common';
import { isPresentable, ViberClient, ViberError, type ViberKeyCheck } from '#viber';
import { ConnectionKeys } from '../accounts/index.js';
import { Clock } from '../platform/clock/index.js';
import { Configuration } from '../platform/config/index.js';
import { InstallationHold } from '../platform/database/index.js';
import { Log } from '../platform/logging/index.js';
import type { Breaker } from './breaker.js';
import { LaneRegistry } from './lane-registry.js';
import type { LaneState } from './lane-state.js';
import { ProviderRoute } from './provider-route.js';
import { SpareSockets } from './spare-sockets.js';

/** Keys that one question is asked with, where the first ones are refused. */
const mostKeys = 5;

/** Asks a harmless question where the way is doubted: an open breaker, or an address that was wrong. */
@Injectable()
export class BreakerProber {
  constructor(
    private readonly registry: LaneRegistry,
    private readonly route: ProviderRoute,
    private readonly client: ViberClient,
    private readonly keys: ConnectionKeys,
    private readonly hold: InstallationHold,
    private readonly sockets: SpareSockets,
    private readonly configuration: Configuration,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async runOnce(): Promise<void> {
    const nowMs = this.clock.monotonicMs();
    const lanes = this.registry.all();
    if (!this.isDoubted(lanes, nowMs) || (await this.hold.isOn())) return;
    if (lanes.length > 0 && this.sockets.questions.free > 0 && this.route.claimQuestion(nowMs)) {
      // A refusal of the key may come from anybody's server; only the provider finds nothing wrong with one.
      if ((await this.askWithAny(lanes)) === 'plausible' && this.route.foundRight())
        this.log.info('the provider answers at its base URL again');
    }
    if (lanes.length > 0 && this.route.breaker.mayProbe(nowMs))
      this.learn(this.route.breaker, await this.askWithAny(lanes));
    const doubted = lanes.filter((lane) => lane.breaker.mayProbe(nowMs));
    await Promise.all(
      doubted
        .slice(0, this.sockets.questions.free)
        .map(async (lane) => this.learn(lane.breaker, await this.ask(lane))),
    );
  }

  private isDoubted(lanes: readonly LaneState[], nowMs: number): boolean {
    const { isWrongAddress, breaker } = this.route;
    return (
      isWrongAddress ||
      breaker.mayProbe(nowMs) ||
      lanes.some((lane) => lane.breaker.mayProbe(nowMs))
    );
  }

  /** Where no question could be asked the way is as doubtful as before. */
  private learn(breaker: Breaker, verdict: ViberKeyCheck | null): void {
    const nowMs = this.clock.monotonicMs();
    if (verdict === null || verdict === 'unreachable') breaker.probeFailed(nowMs);
    else breaker.probeSucceeded(nowMs);
  }

  /** With one lane's key after another's, until one is found that tells more than that it was refused. */
  private async askWithAny(lanes: readonly LaneState[]): Promise<ViberKeyCheck | null> {
    let verdict: ViberKeyCheck | null = null;
    let asked = 0;
    const byConnection = new Map(lanes.map((lane) => [lane.connectionId, lane]));
    for (const lane of byConnection.values()) {
      const heard = await this.ask(lane);
      if (heard === null) continue;
      verdict = heard;
      asked += 1;
      if (verdict !== 'refused' || asked === mostKeys) break;
    }
    return verdict;
  }

  /** null where there is no question: no socket is free, or no call can be made with the lane's key. */
  private async ask(lane: LaneState): Promise<ViberKeyCheck | null> {
    if (this.sockets.questions.take(1) === 0) return null;
    try {
      const credential = await this.keys.open(lane.connectionId);
      // With such a key the client answers by itself, without having reached anybody.
      if (!isPresentable(credential)) return null;
      // A debt where there is none at this moment: the question goes out, and a send waits for it.
      lane.sends.take(1);
      return await this.client.check(credential, {
        timeoutMs: this.configuration.provider.timeoutMs,
      });
    } catch (error) {
      if (error instanceof ViberError) return 'unreachable';
      this.log.warn(
        { connection: lane.connectionId, err: error },
        'the provider could not be asked with the key of a lane',
      );
      return null;
    } finally {
      this.sockets.questions.giveBack(1);
    }
  }
}
