import { describe, expect, it } from '@jest/globals';
import { Mac } from './mac.js';

const mac = new Mac(Buffer.alloc(32, 1));

describe('Mac', () => {
  it('is 128 bits that fit into a URL', () => {
    const signed = mac.sign('status', ['tenant', 'account', '1']);
    expect(signed).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(mac.verify('status', ['tenant', 'account', '1'], signed)).toBe(true);
  });

  it.each([
    ['another purpose', 'reply', ['tenant', 'account', '1']],
    ['another part', 'status', ['tenant', 'account', '2']],
    ['a part less', 'status', ['tenant', 'account']],
    ['parts cut elsewhere', 'status', ['tenantaccount', '', '1']],
    ['a purpose that grew into the parts', 'status6:tenant', ['account', '1']],
  ])('refuses %s', (_, purpose, parts) => {
    const signed = mac.sign('status', ['tenant', 'account', '1']);
    expect(mac.verify(purpose, parts, signed)).toBe(false);
  });

  it('refuses another secret, a cut and an empty mac', () => {
    const signed = mac.sign('status', ['a']);
    expect(new Mac(Buffer.alloc(32, 2)).verify('status', ['a'], signed)).toBe(false);
    expect(mac.verify('status', ['a'], signed.slice(0, -1))).toBe(false);
    expect(mac.verify('status', ['a'], '')).toBe(false);
  });
});
