// How many single messages a second one gateway accepts and dispatches at once: `npm run bench`.
// The load generator, the journalling sandbox, PostgreSQL and the gateway are processes of their own; every request
// is signed in, callbacks are on. Each run is verified: rows equal acknowledgements, and all are delivered.
import { endAll, median, withInstallation } from './installation.mjs';

const seconds = Number(process.env.SECONDS ?? 60);
const rate = Number(process.env.RATE ?? 1_500);
const runs = Number(process.env.RUNS ?? 3);

async function measure({ load, query }) {
  // The ramp of a new key, the WAL and the compilers: warm before anything is counted.
  const warm = await load(rate, 15);
  const result = await load(rate, seconds);
  const [left] = await query(`select (select count(*) from outgoing)::int as queued,
    (select count(*) from receipts where not folded)::int as unfolded, (select count(*) from outbox)::int as unrelayed`);
  for (let tries = 0; tries < 300; tries += 1) {
    const [{ open }] = await query(
      `select (select count(*) from outgoing)::int + (select count(*) from awaiting)::int as open`,
    );
    if (open === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const [end] = await query(
    `select count(*)::int as messages, (count(*) filter (where status = 'delivered'))::int as delivered from messages`,
  );
  const accepted = warm.accepted + result.accepted;
  return {
    ...result,
    left_in_queue: left.queued,
    left_seconds: Number((left.queued / result.accepted_per_second).toFixed(2)),
    unfolded: left.unfolded,
    unrelayed: left.unrelayed,
    rows_equal_acknowledged: end.messages === accepted,
    all_delivered: end.delivered === accepted,
  };
}

const results = [];
try {
  for (let number = 1; number <= runs; number += 1) {
    const result = await withInstallation(measure);
    results.push(result);
    process.stdout.write(`${JSON.stringify({ run: number, ...result })}\n`);
  }
  const rates = results.map((result) => result.accepted_per_second);
  process.stdout.write(`median accepted per second: ${median(rates)}\n`);
} finally {
  endAll();
}
