import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Log } from '../logging/index.js';
import { DatabaseAddress } from './database-address.js';
import { LaneSignals } from './lane-signals.js';

/** Nothing listens at the discard port. */
const nowhere = 'postgres://tyrian@127.0.0.1:9/tyrian';

describe('LaneSignals', () => {
  let signals: LaneSignals;

  afterEach(() => signals.onApplicationShutdown());

  it.each([
    ['DATABASE_URL', nowhere],
    ['DATABASE_DIRECT_URL', `${nowhere}?direct`],
  ])(
    'tells once that it cannot listen, and over %s',
    async (variable, directUrl) => {
      const lines: string[] = [];
      const log = Log.create({ level: 'info', format: 'json', write: (line) => lines.push(line) });
      signals = new LaneSignals(new DatabaseAddress(nowhere, nowhere, directUrl, 12), log);
      signals.onWork(() => undefined);
      signals.onApplicationBootstrap();
      while (lines.length === 0) await sleep(10);
      expect(lines[0]).toContain(`cannot listen for hints of work over ${variable};`);
      expect(lines[0]).toContain(`${variable} cannot be used: nothing listens`);
      // Longer than the pause before the next try.
      await sleep(2_500);
      expect(lines).toHaveLength(1);
    },
    15_000,
  );
});
