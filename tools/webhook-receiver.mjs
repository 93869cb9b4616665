// `npm run webhook-receiver`: receives the webhooks of a running `npm start`, verifies them and prints them. With `--once` it
// sends a message itself, and ends when the end of that one has arrived. With WEBHOOK_SECRET it registers nothing: the endpoint
// is yours, and leads here.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Api } from './first-run/api.mjs';
import { readRecord } from './first-run/demo-tenant.mjs';
import { readEnvironment } from './first-run/dot-env.mjs';
import { Stopped } from './first-run/stopped.mjs';
import { isFromTyrian } from './webhook-receiver/verify.mjs';

const PATIENCE_MS = 60_000;
const isOnce = process.argv.includes('--once');

/** Gets rid of what was made, in the reverse order. */
const undo = [];

async function main() {
  const { WEBHOOK_SECRET: given, WEBHOOK_PORT: port = '0' } = process.env;
  let secret = given;
  let expected = null;
  let told;
  const isTold = new Promise((resolve) => (told = resolve));

  const take = async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const isGenuine = isFromTyrian(secret ?? '', request.headers, body);
    // A delivery that is not ours is refused; one that is taken is not made again.
    response.writeHead(isGenuine ? 204 : 401).end();
    print(isGenuine, request.headers['webhook-id'], body);
    if (!isGenuine || expected === null) return;
    const { data } = JSON.parse(body);
    if (data.id === expected && data.is_final) told();
  };
  const server = createServer((request, response) => void take(request, response));
  server.listen(Number(port), '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}/`;

  if (secret !== undefined) {
    console.log(`Listening at ${url}. Ctrl-C ends it.`);
    return;
  }
  const record = readRecord(
    `${readEnvironment().DATA_DIRECTORY?.trim() || '.data'}/first-run.json`,
  );
  if (typeof record.api_key !== 'string') {
    throw new Stopped(
      'There is no installation to listen to yet: run npm start in another terminal.',
    );
  }
  const api = new Api({ baseUrl: record.base_url, token: record.api_key });
  const endpoint = await api.post('/v1/webhook-endpoints', {
    url,
    events: ['message.sent', 'message.delivered', 'message.undelivered', 'message.failed'],
    description: 'npm run webhook-receiver',
  });
  undo.push(() => api.delete(`/v1/webhook-endpoints/${endpoint.id}`));
  secret = endpoint.secret;
  console.log(
    `Listening at ${url}, as the endpoint ${endpoint.id}.${isOnce ? '' : ' Ctrl-C ends it.'}`,
  );
  if (!isOnce) return;

  const message = await api.post('/v1/messages', {
    account_id: record.account_id,
    recipient: '+380501234567',
    text: 'Hello from Tyrian',
  });
  expected = message.id;
  console.log(`Sent       ${message.id}`);
  const timer = setTimeout(() => end(1, 'No webhook came in time.'), PATIENCE_MS);
  await isTold;
  clearTimeout(timer);
  await end(0);
}

function print(isGenuine, id, body) {
  if (!isGenuine) {
    console.log(`REFUSED    ${id ?? 'a request'}: not signed with the secret of this endpoint`);
    return;
  }
  const { type, data } = JSON.parse(body);
  const about = [data.id, data.status && `${data.previous_status} > ${data.status}`];
  console.log(`Verified   ${id} ${type} ${about.filter(Boolean).join(' ')}`);
}

let ending = null;
function end(exitCode, reason) {
  ending ??= (async () => {
    if (reason) console.error(reason);
    for (const step of undo.toReversed()) await Promise.resolve(step()).catch(() => {});
    process.exit(exitCode);
  })();
  return ending;
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(0));

try {
  await main();
} catch (error) {
  const isUnreachable = error.cause?.code === 'ECONNREFUSED';
  const isForPeople = error instanceof Stopped || isUnreachable;
  const said = isUnreachable ? 'Tyrian does not answer: is npm start running?' : error.message;
  await end(1, isForPeople ? said : (error.stack ?? String(error)));
}
