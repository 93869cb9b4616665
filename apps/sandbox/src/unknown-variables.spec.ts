import { describe, expect, it } from '@jest/globals';
import { warnOfUnknown } from './unknown-variables.js';

describe('warnOfUnknown', () => {
  it('tells of variables that look like ours and are not read, and of no others', () => {
    const env = {
      SANDBOX_PROT: '1',
      SANDBOX_PORT: '8090',
      SANDBOX_RATE_LIMIT: '5',
      SANDBOX_SERVICE_HOST: '10.0.0.1',
      SANDBOX_PORT_8090_TCP_ADDR: '10.0.0.1',
      PORT: '1',
    };
    expect(warnOfUnknown(env)).toEqual([
      'SANDBOX_PROT is not read: docs/sandbox.md lists the variables there are.',
    ]);
  });
});
