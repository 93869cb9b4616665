// How many webhooks a second reach a quick endpoint beside a gateway that accepts, dispatches and follows as many messages, and
// whether a dead endpoint with WAITING deliveries (a million) slows that down: `npm run bench:webhooks`.
import { createServer } from 'node:http';
import { endAll, median, withInstallation } from './installation.mjs';

const seconds = Number(process.env.SECONDS ?? 30);
const rate = Number(process.env.RATE ?? 500);
const runs = Number(process.env.RUNS ?? 3);
const waiting = Number(process.env.WAITING ?? 1_000_000);

let heard = 0;
const receiver = createServer((request, response) => {
  request.resume();
  request.once('end', () => {
    heard += 1;
    response.end('ok');
  });
});

/** Messages at the rate, each with one webhook about its end. */
async function span(load) {
  const before = heard;
  const result = await load(rate, seconds);
  const during = heard - before;
  for (let tries = 0; tries < 600 && heard - before < result.accepted; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return {
    accepted_per_second: result.accepted_per_second,
    webhooks_per_second: Math.round(during / result.seconds),
    left_at_the_end: result.accepted - during,
    heard_in_the_end: heard - before,
    accepted: result.accepted,
  };
}

async function measure({ load, asTenant, query }) {
  const events = ['message.delivered'];
  const port = receiver.address().port;
  await asTenant('POST', '/v1/webhook-endpoints', { url: `http://127.0.0.1:${port}/`, events });
  // The ramp of a new key, the WAL and the compilers: warm before anything is counted.
  await load(rate, 15);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const alone = await span(load);
  const dead = { url: 'http://127.0.0.1:9/', events: ['endpoint.disabled'] };
  await asTenant('POST', '/v1/webhook-endpoints', dead);
  // Events that are there, each many times under another id.
  await query(`insert into webhook_deliveries (tenant_id, endpoint_id, event_id, position, type, message_id)
    select w.tenant_id, w.id, gen_random_uuid(), f.position, f.type, f.message_id
    from webhook_endpoints w, generate_series(1, ${waiting}) as n,
      lateral (select min(position) as first, count(*) as many from feed where tenant_id = w.tenant_id) as p
      join lateral (select position, type, message_id from feed where tenant_id = w.tenant_id and position = p.first + n % p.many) as f on true
    where w.events = array['endpoint.disabled']`);
  await query(`update webhook_lines set next_at = app_clock() where next_at is null`);
  await query('vacuum analyze webhook_deliveries');
  await query('checkpoint');
  const beside = await span(load);
  const [{ open }] = await query(
    `select count(*)::int as open from webhook_deliveries where due_at is not null`,
  );
  return { alone, beside, waiting_at_the_end: open };
}

await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));
const results = [];
try {
  for (let number = 1; number <= runs; number += 1) {
    const result = await withInstallation(measure, { OUTBOUND_ALLOW_CIDRS: '127.0.0.0/8' });
    results.push(result);
    process.stdout.write(`${JSON.stringify({ run: number, ...result })}\n`);
  }
  for (const what of ['alone', 'beside']) {
    const rates = results.map((result) => result[what].webhooks_per_second);
    process.stdout.write(`median webhooks per second, ${what}: ${median(rates)}\n`);
  }
} finally {
  receiver.close();
  endAll();
}
