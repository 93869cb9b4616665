import { describe, expect, it } from '@jest/globals';
import { HostResolver } from './host-resolver.js';
import { OutboundGuard } from './outbound-guard.js';
import { OutboundPolicy } from './outbound-policy.js';
import { UrlNotAllowed } from './outbound.errors.js';

class SetResolver extends HostResolver {
  constructor(private readonly addresses: Record<string, string[]>) {
    super();
  }

  async resolve(host: string): Promise<string[]> {
    return this.addresses[host] ?? [];
  }
}

const guard = new OutboundGuard(
  new OutboundPolicy({ allowCidrs: [], loopback: 'refused' }),
  new SetResolver({ 'good.example': ['93.184.216.34'], 'bad.example': ['10.0.0.5'] }),
);

describe('a URL that a tenant wants to have stored', () => {
  it('is taken in the form in which it is called', async () => {
    const url = await guard.assertAllowed('HTTPS://GOOD.example/hooks', '/url');
    expect(url).toBe('https://good.example/hooks');
  });

  it.each([
    ['https://bad.example/', 'address_not_public'],
    ['https://absent.example/', 'host_not_found'],
    ['https://0x7f.1/', 'address_not_public'],
    ['http://good.example/', 'scheme_not_allowed'],
  ])('is refused with the field and the reason: %s', async (url, reason) => {
    const error = await guard.assertAllowed(url, '/url').catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(UrlNotAllowed);
    expect((error as UrlNotAllowed).toProblem()).toMatchObject({
      status: 422,
      code: 'url_not_allowed',
      reason,
      errors: [{ pointer: '/url', code: 'url_not_allowed' }],
    });
  });
});
