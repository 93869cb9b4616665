import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../support/gateway.js';
import { callbackUrl, tell, World } from '../support/world.js';

/** The provider's number for it. */
const delivered = 1;

let world: World;

beforeEach(async () => {
  world = await World.start();
});

afterEach(() => world.close());

// A mutant breaks one rule. Where this fails as well it breaks everything, and its test says nothing of the rule.
describe('with any mutant', () => {
  it('a message is accepted, sent and delivered', async () => {
    const id = await world.send({ text: 'hello' });
    await world.steps.own();
    await world.steps.pump();
    await world.sent(1);
    await eventually(async () => (await world.read(id)).status === 'sent', { what: 'sent' });
    expect(await tell(callbackUrl(world.sends[0]), delivered)).toBe(200);
    await world.fold();
    expect(await world.read(id)).toMatchObject({ status: 'delivered', is_final: true });
    expect(world.sentTexts).toEqual(['hello']);
  });
});
