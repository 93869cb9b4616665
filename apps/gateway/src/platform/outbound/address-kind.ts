import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** What an address is to a caller from the outside. */
export type AddressKind =
  | 'public'
  | 'loopback'
  /** Of a cloud's metadata service: it gives credentials to whoever asks from within. */
  | 'metadata'
  /** Private, link-local, shared, reserved, multicast, or a form that hides an IPv4 address. */
  | 'not_public';

const metadataAddresses: ReadonlySet<string> = new Set([
  '169.254.169.254', // AWS, Azure, Google, OpenStack and others
  '169.254.169.253',
  '169.254.170.2', // AWS ECS
  '169.254.170.23', // AWS EKS
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
  '168.63.129.16', // Azure
  'fd00:ec2::254', // AWS
  'fd00:ec2::23', // AWS EKS
  'fd20:ce::254', // Google
  'fe80::a9fe:a9fe', // OpenStack
]);

/** Global unicast: whatever lies outside of it is special, known or not. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** @param text an IP address; a name is no address, and nothing that may be called */
export function kindOfAddress(text: string): AddressKind {
  // The library takes decimal and octal forms too, which no socket reports.
  if (isIP(text) === 0) return 'not_public';
  const address = ipaddr.parse(withoutZone(text));
  if (address instanceof ipaddr.IPv4) return kindOfIPv4(address);
  if (metadataAddresses.has(address.toString())) return 'metadata';
  const inner = embeddedIPv4(address);
  if (inner !== null && kindOfIPv4(inner) === 'metadata') return 'metadata';
  if (address.isIPv4MappedAddress()) return kindOfIPv4(address.toIPv4Address());
  // Networks without IPv4 reach it by these, and their name servers make them up of public addresses.
  if (address.match(nat64)) return kindOfIPv4(inner!) === 'public' ? 'public' : 'not_public';
  if (address.range() === 'loopback') return 'loopback';
  return address.range() === 'unicast' && address.match(globalUnicast) ? 'public' : 'not_public';
}

function kindOfIPv4(address: ipaddr.IPv4): AddressKind {
  if (metadataAddresses.has(address.toString())) return 'metadata';
  const range = address.range();
  if (range === 'loopback') return 'loopback';
  return range === 'unicast' ? 'public' : 'not_public';
}

/** The IPv4 address that the form carries, wherever it puts it. */
function embeddedIPv4(address: ipaddr.IPv6): ipaddr.IPv4 | null {
  const bytes = address.toByteArray();
  const isSixToFour = bytes[0] === 0x20 && bytes[1] === 0x02;
  const isAtItsEnd = bytes.slice(0, 8).every((byte) => byte === 0) || address.range() === 'rfc6052';
  if (isSixToFour) return new ipaddr.IPv4(bytes.slice(2, 6));
  return isAtItsEnd ? new ipaddr.IPv4(bytes.slice(12)) : null;
}

/** Ranges of addresses, such as an operator lists. */
export class AddressRanges {
  private readonly ranges: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];

  /** @param ranges addresses, or CIDR ranges */
  constructor(ranges: readonly string[]) {
    this.ranges = ranges.map((range) => {
      if (range.includes('/')) return ipaddr.parseCIDR(range);
      const address = ipaddr.parse(range);
      return [address, address.kind() === 'ipv4' ? 32 : 128];
    });
  }

  includes(text: string): boolean {
    if (isIP(text) === 0) return false;
    const address = ipaddr.process(withoutZone(text));
    return this.ranges.some(
      ([range, bits]) => range.kind() === address.kind() && address.match(range, bits),
    );
  }
}

/** `fe80::1%eth0` is the same to us through any interface. */
function withoutZone(text: string): string {
  return text.split('%')[0] ?? text;
}
