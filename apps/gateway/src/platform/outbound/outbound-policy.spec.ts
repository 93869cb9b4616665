import { describe, expect, it } from '@jest/globals';
import { OutboundPolicy, OutboundRefused, type OutboundPolicyOptions } from './outbound-policy.js';

const closed = new OutboundPolicy({ allowCidrs: [], loopback: 'refused' });

function policy(options: Partial<OutboundPolicyOptions>): OutboundPolicy {
  return new OutboundPolicy({ allowCidrs: [], loopback: 'refused', ...options });
}

/** What keeps the URL from being called, where its host has these addresses; null: nothing. */
function refusalOf(rules: OutboundPolicy, text: string, addresses: string[] = []): string | null {
  try {
    const url = rules.readUrl(text);
    if (addresses.length > 0) rules.assertAddresses(addresses, url);
    return null;
  } catch (error) {
    if (error instanceof OutboundRefused) return error.refusal;
    throw error;
  }
}

describe('the form of a URL', () => {
  it.each([
    ['https://example.com/hooks', null],
    ['https://example.com:443/hooks?a=b', null],
    ['https://example.com:8443', null],
    ['HTTPS://EXAMPLE.com', null],
    ['https://пошта.укр/', null],
    ['', 'not_a_url'],
    ['example.com/hooks', 'not_a_url'],
    ['https://', 'not_a_url'],
    ['https://1.2.3.4.5/', 'not_a_url'],
    ['ftp://example.com', 'scheme_not_allowed'],
    ['file:///etc/passwd', 'scheme_not_allowed'],
    ['javascript:alert(1)', 'scheme_not_allowed'],
    ['https://user@example.com', 'user_info_not_allowed'],
    ['https://user:password@example.com', 'user_info_not_allowed'],
    ['https://example.com@10.0.0.5/', 'user_info_not_allowed'],
    ['https://example.com/#here', 'fragment_not_allowed'],
    [`https://example.com/${'a'.repeat(2_048)}`, 'too_long'],
  ])('%s: %s', (text, refusal) => {
    expect(refusalOf(closed, text)).toBe(refusal);
  });
});

describe('an address in a URL', () => {
  it.each([
    'https://10.0.0.5/',
    'https://167772165/', // decimal
    'https://0xa000005/', // hex
    'https://0x0a.0.0.5/',
    'https://012.0.0.5/', // octal
    'https://0012.0.0.05/',
    'https://10.5/', // short
    'https://10.0.5/',
    'https://１０.0.0.5/', // full width
    'https://10。0。0。5/',
    'https://10.0.0.5./',
    'https://[::ffff:10.0.0.5]/',
    'https://[::ffff:a00:5]/',
    'https://[64:ff9b::10.0.0.5]/',
    'https://[2002:a00:5::]/',
    'https://[::ffff:0:10.0.0.5]/',
    'https://[::]/',
    'https://[fe80::1]/',
    'https://100.64.0.1/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0/',
  ])('%s is refused as not public, however it is written', (text) => {
    expect(refusalOf(closed, text)).toBe('address_not_public');
  });

  it.each([
    'https://169.254.169.254/latest/meta-data/',
    'https://2852039166/',
    'https://0xa9.0xfe.0xa9.0xfe/',
    'https://0251.0376.0251.0376/',
    'https://[::ffff:169.254.169.254]/',
    'https://[fd00:ec2::254]/',
    'https://[64:ff9b::a9fe:a9fe]/',
  ])('%s is refused as that of a metadata service', (text) => {
    expect(refusalOf(closed, text)).toBe('metadata_address');
    const open = policy({ allowCidrs: ['0.0.0.0/0', '::/0'], loopback: 'allowed' });
    expect(refusalOf(open, text)).toBe('metadata_address');
  });

  it.each(['https://93.184.216.34/', 'https://[2606:4700::1111]:8443/'])('%s is taken', (text) => {
    expect(refusalOf(closed, text)).toBeNull();
  });
});

describe('the addresses of a name', () => {
  const url = 'https://example.com/hooks';

  it('are taken where all are public', () => {
    expect(refusalOf(closed, url, ['93.184.216.34', '2606:4700::1111'])).toBeNull();
  });

  it('are refused where one of them is not, in any place', () => {
    expect(refusalOf(closed, url, ['93.184.216.34', '10.0.0.5'])).toBe('address_not_public');
    expect(refusalOf(closed, url, ['10.0.0.5', '93.184.216.34'])).toBe('address_not_public');
    expect(refusalOf(closed, url, ['93.184.216.34', '::1'])).toBe('address_not_public');
  });

  it('are public for https on 443 and 8443 alone', () => {
    const there = ['93.184.216.34'];
    expect(refusalOf(closed, 'http://example.com/', there)).toBe('scheme_not_allowed');
    expect(refusalOf(closed, 'https://example.com:8080/', there)).toBe('port_not_allowed');
    expect(refusalOf(closed, 'https://example.com:22/', there)).toBe('port_not_allowed');
  });
});

describe('what the operator opened', () => {
  const open = policy({ allowCidrs: ['10.0.0.0/8'] });

  it('is taken with plain http and any port', () => {
    expect(refusalOf(open, 'http://10.1.2.3:3000/hooks')).toBeNull();
    expect(refusalOf(open, 'http://backend.internal:3000/hooks', ['10.1.2.3'])).toBeNull();
    expect(refusalOf(open, 'http://backend.internal/', ['::ffff:10.1.2.3'])).toBeNull();
  });

  it('opens nothing beside it', () => {
    expect(refusalOf(open, 'http://192.168.0.1/')).toBe('address_not_public');
    expect(refusalOf(open, 'https://backend.internal/', ['10.1.2.3', '192.168.0.1'])).toBe(
      'address_not_public',
    );
    expect(refusalOf(open, 'http://127.0.0.1/')).toBe('address_not_public');
    expect(refusalOf(open, 'http://example.com/', ['93.184.216.34'])).toBe('scheme_not_allowed');
  });

  it('is loopback by itself outside of production', () => {
    const development = policy({ loopback: 'allowed' });
    expect(refusalOf(development, 'http://127.0.0.1:3000/hooks')).toBeNull();
    expect(refusalOf(development, 'http://localhost:3000/', ['::1', '127.0.0.1'])).toBeNull();
    expect(refusalOf(development, 'http://10.0.0.5/')).toBe('address_not_public');
  });
});
