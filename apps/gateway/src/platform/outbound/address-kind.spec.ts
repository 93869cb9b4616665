import { describe, expect, it } from '@jest/globals';
import { AddressRanges, kindOfAddress, type AddressKind } from './address-kind.js';

const table: Record<AddressKind, string[]> = {
  public: [
    '1.1.1.1',
    '8.8.8.8',
    '93.184.216.34',
    '172.15.255.255',
    '172.32.0.1',
    '100.63.255.255',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00:1450:4001:81b::200e',
    '::ffff:8.8.8.8',
    '::ffff:808:808',
    '64:ff9b::808:808',
  ],
  loopback: ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'],
  metadata: [
    '169.254.169.254',
    '169.254.170.2',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd20:ce::254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '::ffff:0:a9fe:a9fe',
    '::a9fe:a9fe',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::a9fe:a9fe',
    '2002:a9fe:a9fe::',
  ],
  not_public: [
    // IPv4: this network, private, shared (CGNAT), link-local, documentation, benchmarking, multicast, reserved, broadcast
    '0.0.0.0',
    '0.255.0.1',
    '10.0.0.5',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '100.127.255.255',
    '169.254.1.1',
    '192.0.0.1',
    '192.0.2.1',
    '192.88.99.1',
    '198.18.0.1',
    '198.19.255.255',
    '198.51.100.1',
    '203.0.113.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    // IPv6: unspecified, unique local, link-local (with a zone too), site-local, multicast, documentation, discard
    '::',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
    '2001:db8::1',
    '3fff::1',
    '100::1',
    '5f00::1',
    '4000::1',
    // IPv4 in another dress: mapped, compatible, translated, NAT64, 6to4, Teredo
    '::ffff:10.0.0.5',
    '::ffff:c0a8:101',
    '::7f00:1',
    '::10.0.0.5',
    '::ffff:0:7f00:1',
    '::ffff:0:808:808',
    '64:ff9b::7f00:1',
    '64:ff9b::a00:5',
    '64:ff9b:1::a00:5',
    '2002:7f00:1::',
    '2002:808:808::',
    '2001::1',
    // No address at all.
    '',
    'localhost',
    '1.2.3',
  ],
};

describe('the kind of an address', () => {
  const cases = Object.entries(table).flatMap(([kind, addresses]) =>
    addresses.map((address) => [address, kind]),
  );
  it.each(cases)('%s is %s', (address, kind) => {
    expect(kindOfAddress(address)).toBe(kind);
  });
});

describe('ranges', () => {
  const ranges = new AddressRanges(['10.0.0.0/8', 'fd00::/8', '192.0.2.7']);

  it('hold what lies within, mapped into IPv6 too', () => {
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd12::1', '192.0.2.7']) {
      expect([address, ranges.includes(address)]).toEqual([address, true]);
    }
  });

  it('hold nothing else', () => {
    for (const address of ['11.0.0.1', 'fe80::1', '192.0.2.8', '64:ff9b::a01:203', 'name', '']) {
      expect([address, ranges.includes(address)]).toEqual([address, false]);
    }
  });
});
