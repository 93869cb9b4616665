import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ranks, type MessageStatus } from '../../apps/gateway/src/messages/transitions.js';
import { eventually } from '../support/gateway.js';
import type { ProviderRequest } from '../support/provider.js';
import { callbackUrl, tell, World } from '../support/world.js';

type Answer = 'accepted' | 'refused' | 'unknown';
type Step = { readonly tell: number; readonly of: number } | 'fold' | 'answer';

/** A message whose last attempt is on the wire: its callback URLs by attempt, and the answer in our hand. */
interface OnTheWire {
  readonly id: string;
  readonly urls: readonly string[];
  readonly request: ProviderRequest;
}

const meanings: Readonly<Record<number, MessageStatus>> = {
  0: 'sent',
  1: 'delivered',
  2: 'failed',
  3: 'rejected',
  4: 'undelivered',
  5: 'pending',
  20: 'sent',
  77: 'sent',
};
const refusal =
  '{"name":"Invalid Parameter: [destination_addr]","message":"","code":1,"status":400}';

let world: World;

beforeEach(async () => {
  // The answers are held for as long as the test likes.
  world = await World.start({
    variables: { PROVIDER_TIMEOUT_MS: '60000', LEASE_MS: '300000', GRACE_MS: '600000' },
  });
});

afterEach(() => world.close());

/** So many messages, each with the answer to its first attempt held back. */
async function putOnTheWire(count: number, mode = 'at_most_once'): Promise<OnTheWire[]> {
  world.onSend = () => undefined;
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1)
    ids.push(await world.send({ text: `message ${n}`, delivery_mode: mode }));
  await world.steps.own();
  await letOut(count);
  return ids.map((id, n) => {
    const request = newestSend(`message ${n}`);
    return { id, urls: [callbackUrl(request)], request };
  });
}

/** So many messages whose first attempt nobody knows anything of, and whose second one is on the wire. */
async function putOnTheWireTwice(count: number): Promise<OnTheWire[]> {
  const first = await putOnTheWire(count, 'at_least_once');
  // An answer in between keeps the breakers closed, which this test is not about.
  const between = new Set(first.filter((_, n) => n % 5 === 4));
  for (const message of first) await give(between.has(message) ? 'accepted' : 'unknown', message);
  await world.moveClock(700_000);
  await world.steps.returnFromGrace();
  const again = first.filter((message) => !between.has(message));
  await letOut(count + again.length);
  return again.map(({ id, urls, request: { body } }) => {
    const request = newestSend(body['text']);
    return { id, urls: [...urls, callbackUrl(request)], request };
  });
}

async function letOut(count: number): Promise<void> {
  await eventually(async () => {
    await world.steps.pump();
    return world.sends.length === count;
  });
}

function newestSend(text: unknown): ProviderRequest {
  const request = world.sends.findLast(({ body }) => body['text'] === text);
  if (!request) throw new Error('the message has not gone out');
  return request;
}

async function give(answer: Answer, { request }: OnTheWire): Promise<void> {
  const before = await world.count(`events where type = 'attempt'`);
  if (answer === 'accepted') request.accept(world.nextId());
  else if (answer === 'refused') request.answer(200, refusal);
  else request.reset();
  await eventually(async () => (await world.count(`events where type = 'attempt'`)) > before);
}

/** Does the steps in their order, then whatever is left to do; gives the statuses as they could be read. */
async function live(
  message: OnTheWire,
  answer: Answer,
  steps: readonly Step[],
): Promise<MessageStatus[]> {
  const seen: MessageStatus[] = [];
  const doOne = async (step: Step): Promise<void> => {
    if (step === 'fold') await world.fold();
    else if (step === 'answer') await give(answer, message);
    else await tell(message.urls[step.of - 1] as string, step.tell);
    seen.push((await world.read(message.id)).status as MessageStatus);
  };
  for (const step of steps) await doOne(step);
  if (!steps.includes('answer')) await doOne('answer');
  await doOne('fold');
  return seen;
}

/** What the evidence says, whoever brings it in whatever order: DISPATCH 13 in one expression. */
function expectedOf(steps: readonly Step[], answer: Answer, attempts: number): MessageStatus {
  const told = steps.flatMap((step) => {
    if (typeof step === 'string') return [];
    const status = meanings[step.tell] as MessageStatus;
    // A final other than delivered ends nothing where a later attempt was made.
    const counts = step.of === attempts || ranks[status] < 10 || status === 'delivered';
    return counts ? [status] : [];
  });
  const answered: MessageStatus =
    answer === 'accepted' ? 'sent' : answer === 'refused' ? 'rejected' : 'uncertain';
  return [...told, answered].reduce((a, b) => (ranks[b] > ranks[a] ? b : a));
}

/**
 * What the message may show in the end. A final is one and the same, whatever the order. Where nothing ends it, a
 * failure of the first attempt hides what the same batch says of that attempt before it failed; so the message shows
 * at least what is known of the second attempt, and at most what was told of both.
 */
function possibleOf(steps: readonly Step[], answer: Answer, attempts: number): MessageStatus[] {
  const most = expectedOf(steps, answer, attempts);
  const ofLast = steps.filter((step) => typeof step === 'string' || step.of === attempts);
  const hasFailedBefore = steps.some(
    (step) => typeof step !== 'string' && step.of < attempts && [2, 3, 4].includes(step.tell),
  );
  if (ranks[most] >= 10 || !hasFailedBefore) return [most];
  const least = expectedOf(ofLast, answer, attempts);
  return (['uncertain', 'sent', 'pending'] as const).filter(
    (status) => ranks[status] >= ranks[least] && ranks[status] <= ranks[most],
  );
}

function wentBack(seen: readonly MessageStatus[]): boolean {
  return seen.some((status, n) => n > 0 && ranks[status] < ranks[seen[n - 1] as MessageStatus]);
}

/**
 * Callbacks of every kind, doubled and shuffled among folds and the answer. Of the finals below `delivered`, which
 * all tell as much as one another, a set holds one kind: of two the first would stay.
 */
function scenario(attempts: number): fc.Arbitrary<{ answer: Answer; steps: Step[] }> {
  return fc
    .record({
      answer: fc.constantFrom<Answer>('accepted', 'refused', 'unknown'),
      final: fc.constantFrom(2, 3, 4),
      picks: fc.array(
        fc.record({
          kind: fc.constantFrom(0, 1, 5, 20, 77, 'final' as const),
          of: fc.integer({ min: 1, max: attempts }),
        }),
        { maxLength: 5 },
      ),
      doubled: fc.boolean(),
      folds: fc.integer({ min: 0, max: 3 }),
    })
    .chain(({ answer, final, picks, doubled, folds }) => {
      const told = picks.map<Step>(({ kind, of }) => ({
        tell: kind === 'final' ? (answer === 'refused' ? 3 : final) : kind,
        of,
      }));
      const all: Step[] = [
        ...told,
        ...(doubled ? told : []),
        ...Array.from({ length: folds }, (): Step => 'fold'),
        'answer',
      ];
      return fc
        .shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
        .map((steps) => ({ answer, steps }));
    });
}

describe('DISPATCH 13: any order, any number of times', () => {
  it('one attempt: the same evidence gives the same status, and nothing goes backwards', async () => {
    await holdsFor(await putOnTheWire(50), 1);
  }, 60_000);

  it('two attempts: delivered by either wins, another final of the first ends nothing', async () => {
    await holdsFor(await putOnTheWireTwice(18), 2);
  }, 60_000);
});

/** One scenario for each message: what has lived cannot live again, so a failing one is not made smaller. */
async function holdsFor(messages: OnTheWire[], attempts: number): Promise<void> {
  const left = [...messages];
  await fc.assert(
    fc.asyncProperty(scenario(attempts), async ({ answer, steps }) => {
      const seen = await live(left.pop() as OnTheWire, answer, steps);
      expect(possibleOf(steps, answer, attempts)).toContain(seen.at(-1));
      expect({ seen, wentBack: wentBack(seen) }).toEqual({ seen, wentBack: false });
    }),
    { numRuns: messages.length, endOnFailure: true },
  );
  expect(await world.count('receipts where not folded')).toBe(0);
  expect(
    await world.count(
      'awaiting a join messages m on m.tenant_id = a.tenant_id and m.id = a.message_id where m.status is not null',
    ),
  ).toBe(0);
}
