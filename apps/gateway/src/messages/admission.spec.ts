import { describe, expect, it } from '@jest/globals';
import type { Configuration } from '../platform/config/index.js';
import { Overloaded } from '../platform/errors/index.js';
import { TooManyRequests } from './acceptance.errors.js';
import { Admission } from './admission.js';

function anAdmission({ all = 100, tenant = 10 } = {}) {
  const limits = { acceptQueueRows: all, tenantQueueRows: tenant };
  return new Admission({ limits } as Configuration);
}

/** Work that stays until it is let go. */
function begin(admission: Admission, tenantId: string, messages: number) {
  let letGo: () => void = () => undefined;
  const until = new Promise<void>((resolve) => (letGo = resolve));
  const done = admission.through(tenantId, messages, () => until);
  return { done, letGo };
}

describe('Admission', () => {
  it('turns the tenant away that has its share under way, and says how much it is', async () => {
    const admission = anAdmission();
    begin(admission, 'a', 8);
    const refusal = admission.through('a', 3, async () => 'done');
    await expect(refusal).rejects.toBeInstanceOf(TooManyRequests);
    await expect(refusal).rejects.toMatchObject({
      status: 429,
      headers: {
        'retry-after': '1',
        'ratelimit-limit': '10',
        'ratelimit-remaining': '2',
        'ratelimit-reset': '1',
      },
    });
    await expect(admission.through('a', 2, async () => 'done')).resolves.toBe('done');
    await expect(admission.through('b', 10, async () => 'done')).resolves.toBe('done');
  });

  it('takes a batch that is larger than the share of a tenant with nothing under way', async () => {
    const admission = anAdmission();
    await expect(admission.through('a', 50, async () => 'done')).resolves.toBe('done');
  });

  it('turns everybody away while all together have as much under way as memory may hold', async () => {
    const admission = anAdmission({ all: 15 });
    const [first] = [begin(admission, 'a', 10), begin(admission, 'b', 5)];
    await expect(admission.through('c', 1, async () => 'done')).rejects.toBeInstanceOf(Overloaded);
    first.letGo();
    await first.done;
    await expect(admission.through('c', 1, async () => 'done')).resolves.toBe('done');
  });

  it('does no work for whom it turns away, and gives room back whatever came of the work', async () => {
    const admission = anAdmission({ tenant: 1 });
    const held = begin(admission, 'a', 1);
    let worked = false;
    await admission
      .through('a', 1, async () => {
        worked = true;
      })
      .catch(() => undefined);
    expect(worked).toBe(false);
    held.letGo();
    await held.done;
    await expect(
      admission.through('a', 1, () => Promise.reject(new Error('refused'))),
    ).rejects.toThrow('refused');
    expect(admission.underWay).toBe(0);
  });
});
