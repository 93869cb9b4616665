import { isIP } from 'node:net';
import { AddressRanges, kindOfAddress } from './address-kind.js';

/** Why a URL is not called. */
export type OutboundRefusal =
  | 'not_a_url'
  | 'too_long'
  | 'scheme_not_allowed'
  | 'user_info_not_allowed'
  | 'fragment_not_allowed'
  | 'port_not_allowed'
  | 'host_not_found'
  | 'address_not_public'
  | 'metadata_address';

/** What a refusal means, for whoever gave the URL. */
export const refusalMeanings: Readonly<Record<OutboundRefusal, string>> = {
  not_a_url: 'It is no URL with a host, such as https://example.com/hooks.',
  too_long: 'It is longer than 2,048 characters.',
  scheme_not_allowed: 'It must begin with https://.',
  user_info_not_allowed: 'It must hold neither a user nor a password.',
  fragment_not_allowed: 'It must have no fragment: nothing behind # is ever sent.',
  port_not_allowed: 'Its port must be 443 or 8443.',
  host_not_found: 'Its host has no address at present.',
  address_not_public: 'Its host leads to an address that is not public.',
  metadata_address: 'Its host leads to an address of a metadata service.',
};

export class OutboundRefused extends Error {
  override readonly name = 'OutboundRefused';

  constructor(readonly refusal: OutboundRefusal) {
    super(refusalMeanings[refusal]);
  }
}

export interface OutboundPolicyOptions {
  /** Ranges that are allowed although they are not public, with plain http and any port. */
  readonly allowCidrs: readonly string[];
  /** Loopback counts as allowed too. */
  readonly loopback: 'allowed' | 'refused';
}

/** Where a URL leads, without its host: what an address is judged by. */
export interface OutboundTarget {
  readonly protocol: string;
  /** Empty for the protocol's own. */
  readonly port: string;
}

const longestUrl = 2_048;
const publicPorts: ReadonlySet<string> = new Set(['', '443', '8443']);

/** Which URLs of tenants are called: by their form, and by each address that they lead to. */
export class OutboundPolicy {
  private readonly opened: AddressRanges;
  private readonly opensLoopback: boolean;

  constructor({ allowCidrs, loopback }: OutboundPolicyOptions) {
    this.opened = new AddressRanges(allowCidrs);
    this.opensLoopback = loopback === 'allowed';
  }

  /**
   * The URL that a text is, where its form is allowed. Decimal, octal, hex and full-width forms of an address have
   * become the dotted one by that.
   * @throws OutboundRefused
   */
  readUrl(text: string): URL {
    if (text.length > longestUrl) throw new OutboundRefused('too_long');
    if (!URL.canParse(text)) throw new OutboundRefused('not_a_url');
    const url = new URL(text);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') {
      throw new OutboundRefused('scheme_not_allowed');
    }
    if (url.username !== '' || url.password !== '') {
      throw new OutboundRefused('user_info_not_allowed');
    }
    if (text.includes('#')) throw new OutboundRefused('fragment_not_allowed');
    const literal = hostOf(url);
    if (isIP(literal) !== 0) this.assertAddress(literal, url);
    return url;
  }

  /** @throws OutboundRefused for an address that this target may not lead to */
  assertAddress(address: string, { protocol, port }: OutboundTarget): void {
    const kind = kindOfAddress(address);
    if (kind === 'metadata') throw new OutboundRefused('metadata_address');
    if (this.opened.includes(address)) return;
    if (kind === 'loopback' && this.opensLoopback) return;
    if (kind !== 'public') throw new OutboundRefused('address_not_public');
    if (protocol !== 'https:') throw new OutboundRefused('scheme_not_allowed');
    if (!publicPorts.has(port)) throw new OutboundRefused('port_not_allowed');
  }

  /** Of mixed answers the bad one counts: whoever gives it chooses when to give it alone. @throws OutboundRefused */
  assertAddresses(addresses: readonly string[], target: OutboundTarget): void {
    if (addresses.length === 0) throw new OutboundRefused('host_not_found');
    for (const address of addresses) this.assertAddress(address, target);
  }
}

/** Without the brackets of an IPv6 address. */
export function hostOf({ hostname }: { readonly hostname: string }): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
