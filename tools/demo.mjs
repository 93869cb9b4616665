// `npm run demo`: sends one message for each fate over the REST API of a running `npm start`, and
// shows how they get there.
import { setTimeout as delay } from 'node:timers/promises';
import { ScreenTable } from './demo/screen-table.mjs';
import { Api } from './first-run/api.mjs';
import { readRecord } from './first-run/demo-tenant.mjs';
import { readEnvironment } from './first-run/dot-env.mjs';
import { Stopped } from './first-run/stopped.mjs';

const PATIENCE_MS = 120_000;
const REFRESH_MS = 400;
const IN_AN_HOUR = new Date(Date.now() + 3_600_000).toISOString();

async function main() {
  const record = readRecord(
    `${readEnvironment().DATA_DIRECTORY?.trim() || '.data'}/first-run.json`,
  );
  if (typeof record.api_key !== 'string') {
    throw new Stopped('There is no installation to show yet: run npm start in another terminal.');
  }
  if (record.sandbox_url === null) {
    throw new Stopped(
      'The demo wants the sandbox, and this installation sends to a real provider.',
    );
  }
  const api = new Api({ baseUrl: record.base_url, token: record.api_key });
  const { recipientFor } = await import(
    new URL('../dist/apps/sandbox/src/fates.js', import.meta.url).href
  );
  const paused = await providePausedAccount(api);

  // Another number each time, so that a run does not meet what the last one left behind.
  const run = Math.floor(Date.now() / 1_000) % 10_000_000;
  const meets = (fate) => ({
    account_id: record.account_id,
    recipient: `+${recipientFor(fate, run)}`,
  });
  const scenes = [
    { ending: 'delivered', how: 'the provider delivers it', ...meets('delivered') },
    { ending: 'undelivered', how: 'nobody has Viber there', ...meets('undelivered') },
    { ending: 'rejected', how: 'the provider refuses it', ...meets('refused') },
    {
      ending: 'uncertain, then delivered',
      how: 'the connection breaks, a callback tells later',
      ...meets('reset_after_late'),
    },
    {
      ending: 'expired',
      how: 'its account is paused until it is too late',
      ...meets('delivered'),
      account_id: paused,
      validity_seconds: 40,
    },
    {
      ending: 'cancelled',
      how: 'it was scheduled, then taken back',
      ...meets('delivered'),
      send_at: IN_AN_HOUR,
    },
  ];

  const rows = [];
  for (const { ending, how, ...message } of scenes) {
    const text = `A message that ends as: ${ending}`;
    const { id, status } = await api.post('/v1/messages', {
      category: 'transactional',
      text,
      ...message,
    });
    rows.push({ id, ending, how, statuses: [status], isFinal: false });
  }
  await api.post(`/v1/messages/${rows.at(-1).id}/cancel`);
  await follow(api, rows);
  console.log(
    `\nHow each got there: ${record.base_url}/v1/messages/{id}/timeline, with the key in first-run.json.`,
  );
}

/** Shows the rows until each has met its fate. */
async function follow(api, rows) {
  const table = new ScreenTable(process.stdout);
  const deadline = performance.now() + PATIENCE_MS;
  const isDone = ({ isFinal, statuses }) => isFinal && statuses.at(-1) !== 'uncertain';
  for (;;) {
    await Promise.all(
      rows.map(async (row) => {
        const message = await api.get(`/v1/messages/${row.id}`);
        row.isFinal = message.is_final;
        if (row.statuses.at(-1) !== message.status) row.statuses.push(message.status);
      }),
    );
    table.show(
      rows.map((row) => ({
        id: row.id,
        'sent so that': row.how,
        'so far': row.statuses.join(' > '),
        final: isDone(row) ? 'yes' : '',
      })),
    );
    if (rows.every(isDone)) return;
    if (performance.now() > deadline) {
      throw new Stopped(`Not all messages met their fate within ${PATIENCE_MS / 1000} s.`);
    }
    await delay(REFRESH_MS);
  }
}

/** An account of its own, so that the demo tenant's keeps sending. */
async function providePausedAccount(api) {
  const name = 'Demo, paused';
  const { data } = await api.get('/v1/accounts');
  const account =
    data.find((one) => one.name === name) ??
    (await api.post('/v1/accounts', {
      name,
      provider_key: 'demo-paused-provider-key',
      senders: ['Tyrian Paused'],
      default_sender: 'Tyrian Paused',
    }));
  await api.post(`/v1/accounts/${account.id}/pause`);
  return account.id;
}

try {
  await main();
} catch (error) {
  const isUnreachable = error.cause?.code === 'ECONNREFUSED';
  if (!(error instanceof Stopped) && !isUnreachable) throw error;
  console.error(isUnreachable ? 'Tyrian does not answer: is npm start running?' : error.message);
  process.exit(1);
}
