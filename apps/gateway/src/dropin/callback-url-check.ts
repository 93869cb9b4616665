import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock/index.js';
import { OutboundGuard, UrlNotAllowed } from '../platform/outbound/index.js';
import { wrongParameter } from './given-parameters.js';

/** How long an origin that was let through is believed. */
const believedMs = 60_000;
const mostBelieved = 1_000;

/**
 * Checks a `callback_url` when it is stored; each call checks it again. A client gives the same one with every message, so
 * an origin that may be called is not looked up for each.
 */
@Injectable()
export class CallbackUrlCheck {
  private readonly allowed = new Map<string, number>();

  constructor(
    private readonly guard: OutboundGuard,
    private readonly clock: Clock,
  ) {}

  /** @throws InvalidRequest that points to the parameter */
  async assertAllowed(url: string): Promise<void> {
    const { origin, username, hash } = new URL(url);
    const now = this.clock.monotonicMs();
    const isPlain = username === '' && hash === '';
    if (isPlain && now < (this.allowed.get(origin) ?? 0)) return;
    try {
      await this.guard.assertAllowed(url, '/callback_url');
    } catch (error) {
      if (!(error instanceof UrlNotAllowed)) throw error;
      // A name server that is away must not keep a message: nothing is called where nothing is found.
      if (error.extra['reason'] === 'host_not_found') return;
      throw wrongParameter('callback_url');
    }
    if (this.allowed.size >= mostBelieved) this.allowed.clear();
    this.allowed.set(origin, now + believedMs);
  }
}
