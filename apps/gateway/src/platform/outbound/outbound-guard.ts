import { isIP } from 'node:net';
import { Injectable } from '@nestjs/common';
import { HostResolver } from './host-resolver.js';
import { UrlNotAllowed } from './outbound.errors.js';
import { hostOf, OutboundPolicy, OutboundRefused } from './outbound-policy.js';

const patienceMs = 2_000;

/** Checks a tenant's URL when it is stored, so that the tenant hears of it at once; each call checks again. */
@Injectable()
export class OutboundGuard {
  constructor(
    private readonly policy: OutboundPolicy,
    private readonly resolver: HostResolver,
  ) {}

  /**
   * @param pointer where the URL stands in the request
   * @returns the URL as it is called
   * @throws UrlNotAllowed
   */
  async assertAllowed(text: string, pointer: string): Promise<string> {
    try {
      const url = this.policy.readUrl(text);
      const host = hostOf(url);
      if (isIP(host) === 0) {
        this.policy.assertAddresses(await this.addressesOf(host), url);
      }
      return url.href;
    } catch (error) {
      if (error instanceof OutboundRefused) throw new UrlNotAllowed(pointer, error.refusal);
      throw error;
    }
  }

  /** None where nobody knows in time: whoever waits for the answer is answered within seconds. */
  private addressesOf(host: string): Promise<string[]> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve([]), patienceMs);
      const found = this.resolver.resolve(host);
      found.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}
