import { isIP } from 'node:net';
import { Injectable } from '@nestjs/common';
import { HostResolver } from './host-resolver.js';
import { UrlNotAllowed } from './outbound.errors.js';
import { hostOf, OutboundPolicy, OutboundRefused } from './outbound-policy.js';

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
        this.policy.assertAddresses(await this.resolver.resolve(host), url);
      }
      return url.href;
    } catch (error) {
      if (error instanceof OutboundRefused) throw new UrlNotAllowed(pointer, error.refusal);
      throw error;
    }
  }
}
