import { describe, expect, it } from '@jest/globals';
import { cleanHistory, History, idOf, providerStatus } from './history.fixture.js';
import type { Judgement, VerdictKind } from './verdicts.js';

const none = { LOST: 0, DUPLICATE: 0, UNEXPECTED: 0, FALSE_UNCERTAIN: 0, WRONG: 0, UNTOLD: 0 };

describe('the judge', () => {
  it('has nothing to say about honest histories', async () => {
    const judgement = await cleanHistory().judge();
    expect(judgement.verdicts).toEqual([]);
    expect(judgement.counts).toEqual(none);
    expect(judgement).toMatchObject({
      attempted: 20,
      acknowledged: 19,
      stored: 19,
      markedDuplicates: 1,
      uncertain: 3,
      everUncertain: 6,
      accountedUncertain: 4,
    });
  });

  it('counts all verdicts, and keeps the first ones', async () => {
    const history = new History();
    for (let n = 0; n < 1_000; n += 1) history.accepted202();
    const judgement = await history.judge();
    expect(judgement.counts).toEqual({ ...none, LOST: 1_000 });
    expect(judgement.verdicts.length).toBe(50);
  });
});

/** Writes into an honest history what a gateway with that bug would leave behind. */
type Plant = (history: History) => number;

interface Planted {
  readonly bug: string;
  readonly verdict: VerdictKind;
  readonly plant: Plant;
}

const planted: readonly Planted[] = [
  {
    bug: 'no fencing: the former owner goes on sending after its lease',
    verdict: 'DUPLICATE',
    plant: (history) => {
      const n = history.accepted202();
      history.act('stop', n).accept(n).accept(n).store(n, 'delivered');
      return n;
    },
  },
  {
    bug: 'an acknowledgement before the commit',
    verdict: 'LOST',
    plant: (history) => history.accepted202(),
  },
  {
    bug: 'an acknowledgement before the commit, and the client asks again under its key',
    verdict: 'LOST',
    plant: (history) => {
      const n = history.accepted202();
      history.attempt(n).acknowledge(n, idOf(n, 1)).accept(n);
      history.store(n, 'delivered', { id: idOf(n, 1) });
      return n;
    },
  },
  {
    bug: 'a takeover that queues the ids of an open intent again',
    verdict: 'DUPLICATE',
    plant: (history) => {
      const n = history.accepted202();
      history.act('kill', n).accept(n).accept(n).store(n, 'delivered');
      return n;
    },
  },
  {
    bug: 'the intent is written after the wire: a kill between the two leaves the message queued',
    verdict: 'DUPLICATE',
    plant: (history) => {
      const n = history.accepted202();
      history.act('kill').accept(n).accept(n).store(n, 'delivered');
      return n;
    },
  },
  {
    bug: 'a status that goes backwards, in the database',
    verdict: 'WRONG',
    plant: (history) => {
      const n = history.accepted202();
      history
        .accept(n)
        .store(n, 'delivered', { history: ['sent', 'delivered', 'pending', 'delivered'] });
      return n;
    },
  },
  {
    bug: 'a status that goes backwards, in the eyes of a client',
    verdict: 'WRONG',
    plant: (history) => {
      const n = history.accepted202();
      history
        .see(n, 'delivered')
        .see(n, 'undelivered')
        .see(n, 'delivered')
        .accept(n)
        .store(n, 'delivered');
      return n;
    },
  },
  {
    bug: "the HTTP client's own retry is switched on",
    verdict: 'DUPLICATE',
    plant: (history) => {
      const n = history.accepted202();
      history.accept(n).accept(n).store(n, 'delivered');
      return n;
    },
  },
  {
    bug: 'a settle without its token: a former owner’s refusal ends what the new owner sent',
    verdict: 'WRONG',
    plant: (history) => {
      const n = history.accepted202();
      history
        .act('stop', n)
        .accept(n)
        .store(n, 'rejected', { history: ['rejected'] });
      return n;
    },
  },
  {
    bug: 'a settle without its token: "not sent" queues again what is on the wire',
    verdict: 'DUPLICATE',
    plant: (history) => {
      const n = history.accepted202();
      history.act('stop', n).decide(n, { decision: 'rate_limited' }).accept(n).accept(n);
      history.store(n, 'delivered', { marked: true });
      return n;
    },
  },
  {
    bug: 'the idempotency key is looked up before the insert: both requests insert',
    verdict: 'UNEXPECTED',
    plant: (history) => {
      const n = history.next();
      history.attempt(n).attempt(n).acknowledge(n).acknowledge(n, idOf(n, 1)).accept(n);
      history.store(n, 'delivered').store(n, 'expired', { id: idOf(n, 1), history: ['expired'] });
      return n;
    },
  },
  {
    bug: 'the same, and both are sent',
    verdict: 'DUPLICATE',
    plant: (history) => {
      const n = history.next();
      history.attempt(n).attempt(n).acknowledge(n).acknowledge(n, idOf(n, 1)).accept(n).accept(n);
      history.store(n, 'delivered').store(n, 'delivered', { id: idOf(n, 1) });
      return n;
    },
  },
  {
    bug: 'a callback is applied to the wrong attempt: the first one’s failure ends the second',
    verdict: 'WRONG',
    plant: (history) => {
      const n = history.accepted202('at_least_once');
      history.accept(n, providerStatus.undelivered).accept(n);
      history.store(n, 'undelivered', {
        marked: true,
        history: ['uncertain', 'sent', 'undelivered'],
      });
      return n;
    },
  },
  {
    bug: 'the expiry of a message that is on the wire',
    verdict: 'WRONG',
    plant: (history) => {
      const n = history.accepted202();
      history.accept(n).store(n, 'expired', { history: ['expired'] });
      return n;
    },
  },
  {
    bug: 'a cancel that does not look at open intents',
    verdict: 'WRONG',
    plant: (history) => {
      const n = history.accepted202();
      history.accept(n).store(n, 'cancelled', { history: ['cancelled'] });
      return n;
    },
  },
  {
    bug: 'a poll that takes a 404 for a fate',
    verdict: 'WRONG',
    plant: (history) => {
      const n = history.accepted202();
      history.accept(n).store(n, 'failed');
      return n;
    },
  },
  {
    bug: 'a lost wake-up: the message waits for ever',
    verdict: 'LOST',
    plant: (history) => {
      const n = history.accepted202();
      history.store(n, 'queued');
      return n;
    },
  },
  {
    bug: 'a callback is answered with 200 and not stored, and no poll is made',
    verdict: 'LOST',
    plant: (history) => {
      const n = history.accepted202();
      history.accept(n).store(n, 'sent', { history: ['sent'] });
      return n;
    },
  },
  {
    bug: 'a row that stands in none of the tables at work',
    verdict: 'LOST',
    plant: (history) => {
      const n = history.accepted202();
      history.accept(n).store(n, 'nowhere', { history: ['sent'] });
      return n;
    },
  },
  {
    bug: 'a second send that is not marked',
    verdict: 'DUPLICATE',
    plant: (history) => {
      const n = history.accepted202('at_least_once');
      history.accept(n).accept(n).store(n, 'delivered');
      return n;
    },
  },
  {
    bug: 'uncertain without having tried: the breaker counts what it holds back',
    verdict: 'FALSE_UNCERTAIN',
    plant: (history) => {
      const n = history.accepted202();
      history.store(n, 'uncertain', { history: ['uncertain'] });
      return n;
    },
  },
  {
    bug: 'a takeover that calls settled and queued ids unknown: nothing of them was in an open intent',
    verdict: 'FALSE_UNCERTAIN',
    plant: (history) => {
      const [n, other] = [history.accepted202(), history.accepted202()];
      history.act('kill', other).store(other, 'uncertain', { history: ['uncertain'] });
      history.store(n, 'uncertain', { history: ['uncertain'] });
      return n;
    },
  },
  {
    bug: 'a restored database sends what its clients of now never attempted',
    verdict: 'UNEXPECTED',
    plant: (history) => {
      const n = history.next();
      history.accept(n);
      return n;
    },
  },
  {
    bug: '"sent" for what the provider refused to take',
    verdict: 'WRONG',
    plant: (history) => {
      const n = history.accepted202();
      history.decide(n, { decision: 'rate_limited' }).store(n, 'sent', { history: ['sent'] });
      return n;
    },
  },
  {
    bug: 'a delivery is planned beside the relay, and lost with its process',
    verdict: 'UNTOLD',
    plant: (history) => {
      const n = history.accepted202();
      history.accept(n).store(n, 'delivered');
      history.heard.pop();
      return n;
    },
  },
  {
    bug: 'an endpoint hears of the first end alone, not of its correction',
    verdict: 'UNTOLD',
    plant: (history) => {
      const n = history.accepted202();
      history.accept(n).store(n, 'delivered', { history: ['sent', 'undelivered', 'delivered'] });
      history.heard.push({ ...history.heard.pop()!, status: 'undelivered' });
      return n;
    },
  },
];

describe('a planted bug gets its verdict, alone in an honest history:', () => {
  it.each(planted)('$bug -> $verdict', async ({ verdict, plant }) => {
    const history = cleanHistory();
    const n = plant(history);
    const judgement = await history.judge();
    expect(judgement.counts[verdict]).toBe(1);
    expect(kindsOf(judgement, n)).toContain(verdict);
    // Nobody else's message is blamed.
    expect(judgement.verdicts.filter((one) => one.n !== n)).toEqual([]);
  });

  it('more than the twelve that were asked for', () => {
    expect(planted.length).toBeGreaterThanOrEqual(12);
  });
});

function kindsOf(judgement: Judgement, n: number): VerdictKind[] {
  return judgement.verdicts.filter((verdict) => verdict.n === n).map(({ kind }) => kind);
}
