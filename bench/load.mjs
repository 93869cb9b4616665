// The load generator, in a process of its own: single messages at a steady rate, each signed in, over
// keep-alive connections. Prints one JSON line at the end.
import { Pool } from 'undici';

const { BASE_URL, API_KEY, RATE = '1500', SECONDS = '60', CONNECTIONS = '64' } = process.env;
const rate = Number(RATE);
const endsAt = performance.now() + Number(SECONDS) * 1_000;
const pool = new Pool(BASE_URL, { connections: Number(CONNECTIONS), pipelining: 1 });
const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };

const latencies = [];
const refused = new Map();
let sent = 0;
let underWay = 0;

// dispatch: the cheapest way of undici's, as the cores are shared with what is measured.
function send() {
  const startedAt = performance.now();
  const recipient = `+38067${String(1_000_000 + (sent % 9_000_000)).padStart(7, '0')}`;
  sent += 1;
  underWay += 1;
  const body = JSON.stringify({
    recipient,
    text: 'Your parcel 20450 has arrived. It waits for you until Friday, 18:00, at the branch in Khreshchatyk 22.',
    category: 'transactional',
  });
  let status = 0;
  pool.dispatch(
    { path: '/v1/messages', method: 'POST', headers, body },
    {
      onRequestStart() {},
      onResponseStart(_controller, statusCode) {
        status = statusCode;
      },
      onResponseData() {},
      onResponseEnd() {
        underWay -= 1;
        if (status === 202) latencies.push(performance.now() - startedAt);
        else refuse(status);
      },
      onResponseError(_controller, error) {
        underWay -= 1;
        refuse(error.code ?? error.message);
      },
    },
  );
}

function refuse(reason) {
  refused.set(reason, (refused.get(reason) ?? 0) + 1);
}

const startedAt = performance.now();
let due = 0;
const timer = setInterval(() => {
  const now = performance.now();
  if (now >= endsAt) {
    clearInterval(timer);
    finish();
    return;
  }
  due = ((now - startedAt) / 1_000) * rate;
  // Behind by more than a second of work: the gateway is saturated, and waiting requests tell nothing more.
  while (sent < due && underWay < rate) send();
}, 2);

function finish() {
  if (underWay > 0) {
    setTimeout(finish, 5);
    return;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share) => Number((latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(1));
  process.stdout.write(
    `${JSON.stringify({
      accepted: latencies.length,
      refused: Object.fromEntries(refused),
      seconds: Number(seconds.toFixed(2)),
      accepted_per_second: Math.round(latencies.length / seconds),
      p50_ms: at(0.5),
      p99_ms: at(0.99),
    })}\n`,
  );
  void pool.close();
}
