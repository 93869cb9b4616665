import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { fuzz } from './s2-fuzzed-requests.js';

let database: TestDatabase;
let gateway: TestGateway;

beforeAll(async () => {
  database = await createTestDatabase();
  gateway = await startGateway({ database, providerUrl: 'http://127.0.0.1:9', loops: false });
});

afterAll(async () => {
  await gateway.close();
  await database.drop();
});

describe('S2: whatever comes in', () => {
  it('nothing answers 5xx, every refusal is problem+json, and what is taken comes back as it was', async () => {
    const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
    const report = await fuzz(gateway, 3_000, seed);
    expect({ seed, broken: report.broken }).toEqual({ seed, broken: [] });
    expect(report.sent).toBeGreaterThan(2_500);
    // Not everything is refused at the door: the fuzzing reaches the database.
    expect(report.byStatus['202']).toBeGreaterThan(20);
    expect(report.compared).toBeGreaterThan(15);
  });
});
