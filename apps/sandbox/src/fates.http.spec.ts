import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fates, recipientFor } from './fates.js';
import { createSandbox } from './sandbox.js';
import type { Sandbox } from './sandbox.js';
import { startCallbackReceiver } from './testing/callback-receiver.js';
import type { CallbackReceiver } from './testing/callback-receiver.js';
import { aSend, SandboxClient } from './testing/client.js';

/** What the sender gets to know: an id, an error body with its HTTP status, or what broke. */
type Told = 'id' | 'time-out' | 'broken' | 'no id' | `${number} under ${number}` | `page ${number}`;

/** A fate as it looks from outside. */
interface Experience {
  told: Told;
  /** The truth in the end. Null: nothing was accepted. */
  status: number | null;
  callbacks: number[];
  /** What a status request gets to know in the end: its status, or what is wrong with its answer. */
  polled: Told | number | null;
}

const accepted = (status: number, callbacks = [status]) => ({ status, callbacks, polled: status });
const notAccepted = { status: null, callbacks: [], polled: null };
const delivered = accepted(1);

const expectations: Record<string, Experience> = {
  delivered: { told: 'id', ...delivered },
  undelivered: { told: 'id', ...accepted(4) },
  rejected: { told: 'id', ...accepted(3) },
  error: { told: 'id', ...accepted(2) },
  pending: { told: 'id', ...accepted(1, [5, 1]) },
  unknown: { told: 'id', ...accepted(20) },
  no_callback: { told: 'id', ...accepted(1, []) },
  silent: { told: 'id', ...accepted(5, []) },
  expired: { told: 'id', ...accepted(4, [5, 4]) },
  late: { told: 'id', ...delivered },
  refused: { told: '400 under 200', ...notAccepted },
  refused_real: { told: '400 under 400', ...notAccepted },
  rate_limited_once: { told: '429 under 200', ...notAccepted },
  rate_limited_once_real: { told: '429 under 429', ...notAccepted },
  balance_empty: { told: '402 under 200', ...notAccepted },
  balance_empty_once: { told: '402 under 200', ...notAccepted },
  unauthorised: { told: '401 under 200', ...notAccepted },
  forbidden: { told: '403 under 200', ...notAccepted },
  refused_without_brackets: { told: '400 under 200', ...notAccepted },
  balance_empty_real: { told: '402 under 402', ...notAccepted },
  error_before: { told: '500 under 200', ...notAccepted },
  error_before_real: { told: '500 under 500', ...notAccepted },
  timeout_before: { told: 'time-out', ...notAccepted },
  reset_before: { told: 'broken', ...notAccepted },
  not_found: { told: 'page 404', ...notAccepted },
  redirect: { told: 'page 302', ...notAccepted },
  bad_gateway: { told: 'page 502', ...notAccepted },
  method_not_allowed: { told: 'page 405', ...notAccepted },
  too_large: { told: 'page 413', ...notAccepted },
  unavailable: { told: 'page 503', ...notAccepted },
  error_after: { told: '500 under 200', ...delivered },
  error_after_real: { told: '500 under 500', ...delivered },
  timeout_after: { told: 'time-out', ...delivered },
  reset_after: { told: 'broken', ...delivered },
  unreadable: { told: 'no id', ...delivered },
  half_answer: { told: 'broken', ...delivered },
  bad_gateway_after: { told: 'page 502', ...delivered },
  timeout_after_undelivered: { told: 'time-out', ...accepted(4) },
  timeout_after_silent: { told: 'time-out', ...accepted(1, []) },
  reset_after_late: { told: 'broken', ...delivered },
  slow: { told: 'id', ...delivered },
  lenient_json: { told: 'no id', ...delivered, polled: 'no id' },
  huge_id: { told: 'id', ...delivered },
  id_as_text: { told: 'no id', ...delivered, polled: 'no id' },
  further_keys: { told: 'id', ...delivered },
  empty_answer: { told: 'no id', ...delivered },
  huge_answer: { told: 'id', ...delivered },
  no_id: { told: 'no id', ...delivered },
  closing: { told: 'id', ...delivered },
  dribble: { told: 'id', ...delivered },
  callback_first: { told: 'id', ...delivered },
  callbacks_shuffled: { told: 'id', ...accepted(1, [1, 5, 1, 0, 1]) },
  invented_status: { told: 'id', ...accepted(77) },
  invented_then_delivered: { told: 'id', ...accepted(1, [77, 1]) },
  callback_with_phone_number: { told: 'id', ...delivered },
  callback_form: { told: 'id', ...delivered },
  callback_text_ids: { told: 'id', ...delivered },
  reply: { told: 'id', ...delivered },
  delivered_then_undelivered: { told: 'id', ...accepted(1, [1, 4]) },
  undelivered_then_delivered: { told: 'id', ...accepted(1, [4, 1]) },
  poll_error: { told: 'id', ...accepted(1, []), polled: '500 under 200' },
  poll_refused: { told: 'id', ...accepted(1, []), polled: '400 under 200' },
  poll_timeout: { told: 'id', ...accepted(1, []), polled: 'time-out' },
  callback_multipart: { told: 'id', ...delivered },
  callback_query: { told: 'id', ...delivered },
  sms_delivered: { told: 'id', ...accepted(4) },
  sms_expired: { told: 'id', ...accepted(4) },
  sms_undeliverable: { told: 'id', ...accepted(4) },
  sms_no_callback: { told: 'id', ...accepted(4, []) },
};

let sandbox: Sandbox;
let receiver: CallbackReceiver;

beforeAll(async () => {
  receiver = await startCallbackReceiver();
  // One socket for callbacks, so that they arrive in the order in which they were sent.
  sandbox = await createSandbox({
    port: 0,
    seed: 'fates',
    deliveryMs: 20,
    slowAnswerMs: 300,
    callbackConnections: 1,
  });
});

afterAll(async () => {
  await sandbox.close();
  await receiver.close();
});

async function toldBy(call: Promise<{ status: number; text: string }>): Promise<Told> {
  let answer;
  try {
    answer = await call;
  } catch (error) {
    return (error as Error).name === 'TimeoutError' ? 'time-out' : 'broken';
  }
  const { status, text } = answer;
  if (text.startsWith('<html>')) return `page ${status}`;
  const error = /^\{"name":".*","message":".*","code":\d,"status":(\d+)\}$/.exec(text);
  if (error) return `${Number(error[1])} under ${status}`;
  try {
    return typeof JSON.parse(text).message_id === 'number' ? 'id' : 'no id';
  } catch {
    return 'no id';
  }
}

/** Sends to a recipient with this fate, moves the clock by seven hours and looks at everything. */
async function experience(name: string): Promise<Experience> {
  const client = new SandboxClient(sandbox.url);
  const recipient = recipientFor(name, 4711);
  const path = `/${name}/`;
  const send = aSend({
    destination_addr: recipient,
    validity_period: 3600,
    callback_url: receiver.url + path,
  });
  const told = await toldBy(client.send(send, patienceMs(expectations[name]!.told)));
  const [line] = sandbox.journal.entries({ recipient, kind: 'send' });
  expect(line).toMatchObject({ fate: name, body: send });

  sandbox.clock.advance(7 * 3_600_000);
  const [message] = sandbox.messages.list({ recipient });
  expect(line!.decision === 'accepted').toBe(message !== undefined);
  expect(line!.message_id).toBe(message?.id);
  expect(line!.ends_as).toBe(message?.status);
  expect(line!.ends_at).toBe(message?.history.at(-1)?.at);
  await receiver.waitFor(path, expectations[name]!.callbacks.length);
  const polled = message ? await pollOf(client, message.id, expectations[name]!.polled) : null;
  await client.close();
  const callbacks = receiver
    .at(path)
    .map(({ path: asked, body }) => asked + body)
    .filter((said) => said.includes(message!.id))
    .map((said) => Number(/status\W+(\d+)/.exec(said)![1]));
  return { told, status: message?.status ?? null, callbacks, polled };
}

async function pollOf(client: SandboxClient, id: string, expected: Experience['polled']) {
  const poll = client.status(id, patienceMs(expected));
  const told = await toldBy(poll);
  if (told !== 'id') return told;
  const [, polledId, status] = /^\{"message_id":(\d+),"status":(\d+)/.exec((await poll).text)!;
  expect(polledId).toBe(id);
  return Number(status);
}

function patienceMs(expected: Experience['polled']): number {
  return expected === 'time-out' ? 150 : 3_000;
}

describe('a recipient of the range +999 meets its fate over HTTP', () => {
  it('and each fate of the table is expected below', () => {
    expect(Object.keys(expectations)).toEqual(fates.map((fate) => fate.name));
  });

  it.each(Object.entries(expectations))('%s', async (name, expected) => {
    expect(await experience(name)).toEqual(expected);
  });
});

describe('the peculiarities of single fates', () => {
  const client = () => new SandboxClient(sandbox.url);

  it.each(['rate_limited_once', 'rate_limited_once_real', 'balance_empty_once'])(
    '%s accepts the second send',
    async (name) => {
      const send = aSend({ destination_addr: recipientFor(name, 1) });
      expect(JSON.parse((await client().send(send)).text)).not.toHaveProperty('message_id');
      expect(JSON.parse((await client().send(send)).text)).toHaveProperty('message_id');
    },
  );

  it('refused names the parameter in brackets, refused_without_brackets without', async () => {
    const name = async (fate: string) => {
      const { text } = await client().send(aSend({ destination_addr: recipientFor(fate) }));
      return JSON.parse(text).name;
    };
    expect(await name('refused')).toBe('Invalid Parameter: [destination_addr]');
    expect(await name('refused_without_brackets')).toBe('Invalid Parameter: destination_addr');
  });

  it.each([
    ['sms_delivered', 2],
    ['sms_expired', 3],
    ['sms_undeliverable', 5],
    ['undelivered', 2],
  ])('%s tells of the SMS of a message that has a text for one: %d', async (name, smsStatus) => {
    const { text } = await client().send(
      aSend({
        destination_addr: recipientFor(name, 2),
        source_type: 2,
        text_sms: 'Your code is 4711',
        callback_url: `${receiver.url}/sms/${name}`,
      }),
    );
    const { message_id: id } = JSON.parse(text) as { message_id: number };
    const end = new RegExp(
      `^\\{"message_id":${id},"status":4,"sms_message_id":\\d+,"sms_message_status":${smsStatus}\\}$`,
    );
    await receiver.waitFor(`/sms/${name}`, name === 'undelivered' ? 1 : 2);
    expect(receiver.at(`/sms/${name}`).at(-1)?.body).toMatch(end);
    expect((await client().status(String(id))).text).toMatch(end);
  });

  it('huge_id answers an id that a double cannot hold', async () => {
    const { text } = await client().send(aSend({ destination_addr: recipientFor('huge_id') }));
    const digits = /(\d+)/.exec(text)![1]!;
    expect(BigInt(digits)).toBeGreaterThan(2n ** 53n);
    expect(String(Number(digits))).not.toBe(digits);
    expect((await client().status(digits)).text).toMatch(`{"message_id":${digits},"status":`);
  });

  it('lenient_json answers like the documentation, with a comment and a trailing comma', async () => {
    const { text } = await client().send(aSend({ destination_addr: recipientFor('lenient_json') }));
    expect(text).toMatch(/^\{"message_id":\d+, \/\/ .*\n\}$/);
  });

  it('id_as_text quotes the id', async () => {
    const { text } = await client().send(aSend({ destination_addr: recipientFor('id_as_text') }));
    expect(text).toMatch(/^\{"message_id":"\d+"\}$/);
  });

  it('huge_answer is longer than 8 MiB', async () => {
    const { text } = await client().send(aSend({ destination_addr: recipientFor('huge_answer') }));
    expect(text.length).toBeGreaterThan(8 * 1024 * 1024);
  });

  it('slow answers after the configured time', async () => {
    const before = performance.now();
    await client().send(aSend({ destination_addr: recipientFor('slow') }));
    expect(performance.now() - before).toBeGreaterThanOrEqual(295);
  });

  it('redirect points elsewhere, and who follows stands in the journal', async () => {
    const { headers } = await client().send(aSend({ destination_addr: recipientFor('redirect') }));
    expect(headers['location']).toBe('/elsewhere');
    await client().call('GET', '/elsewhere');
    expect(sandbox.journal.entries({ kind: 'other' }).at(-1)).toMatchObject({
      request: 'GET /elsewhere',
    });
  });

  it('closing ends the connection', async () => {
    const { headers } = await client().send(aSend({ destination_addr: recipientFor('closing') }));
    expect(headers['connection']).toBe('close');
  });

  it('callback_first calls back before it answers', async () => {
    const callback_url = `${receiver.url}/first-of-all`;
    await client().send(aSend({ destination_addr: recipientFor('callback_first'), callback_url }));
    expect(receiver.at('/first-of-all')).toHaveLength(1);
  });

  it.each([
    ['delivered', 'application/json', /^\{"message_id":\d+,"status":1\}$/],
    [
      'callback_with_phone_number',
      'application/json',
      /^\{"message_id":\d+,"status":1,"phone_number":"999\d{9}"\}$/,
    ],
    ['callback_form', 'application/x-www-form-urlencoded', /^message_id=\d+&status=1$/],
    [
      'callback_multipart',
      expect.stringMatching(/^multipart\/form-data; boundary=-+\w+$/),
      /^--.*\r\n.*name="message_id"\r\n\r\n\d+\r\n--.*\r\n.*name="status"\r\n\r\n1\r\n--.*--\r\n$/,
    ],
    ['callback_query', undefined, /^$/],
    ['callback_text_ids', 'application/json', /^\{"message_id":"\d+","status":"1"\}$/],
  ])('%s is called back in its own shape', async (name, contentType, shape) => {
    const path = `/shape-of-${name}/?for=us`;
    const callback_url = receiver.url + path;
    await client().send(aSend({ destination_addr: recipientFor(name, 2), callback_url }));
    const [callback] = await receiver.waitFor(path, 1);
    expect(callback!.headers['content-type']).toEqual(contentType);
    expect(callback!.body).toMatch(shape);
    expect(callback!.path.slice(path.length)).toMatch(
      name === 'callback_query' ? /^&message_id=\d+&status=1$/ : /^$/,
    );
  });

  it('reply answers a two-way message at its callback_url, with the tracking data of the message', async () => {
    const send = {
      destination_addr: recipientFor('reply', 3),
      message_type: 206,
      callback_url: `${receiver.url}/two-way/`,
    };
    const { text } = await client().send(aSend(send));
    const id = JSON.parse(text).message_id;
    sandbox.clock.advance(60_000);
    const came = await receiver.waitFor('/two-way/', 2);
    const reply = came.find(({ body }) => body.includes('message_token'))!;
    expect(JSON.parse(reply.body)).toMatchObject({
      phone_number: send.destination_addr,
      message: { text: 'Yes, please', tracking_data: `tracking_id:${id}` },
    });
    expect(BigInt(/"message_token":(\d+)/.exec(reply.body)![1]!)).toBeGreaterThan(2n ** 53n);
  });

  it('reply goes to the inbound URL of the key where it has one', async () => {
    sandbox.keys.set('KEY', { inbound_url: `${receiver.url}/inbound-of-key/` });
    const callback_url = `${receiver.url}/statuses-only/`;
    const destination_addr = recipientFor('reply', 5);
    await client().send(aSend({ destination_addr, message_type: 206, callback_url }));
    sandbox.clock.advance(60_000);
    await receiver.waitFor('/inbound-of-key/', 1);
    expect((await receiver.waitFor('/statuses-only/', 1)).map(({ body }) => body)).toEqual([
      expect.stringContaining('"status":1'),
    ]);
    sandbox.keys.set('KEY', { inbound_url: null });
  });

  it('any other number is delivered within a second, of which a callback tells', async () => {
    const usual = await createSandbox({ port: 0 });
    const callback_url = `${receiver.url}/anybody/`;
    await new SandboxClient(usual.url).send(aSend({ callback_url }));
    const [callback] = await receiver.waitFor('/anybody/', 1);
    expect(JSON.parse(callback!.body).status).toBe(1);
    const [message] = usual.messages.list();
    const deliveredAt = Date.parse(message!.history.at(-1)!.at);
    expect(deliveredAt - Date.parse(message!.accepted_at)).toBeLessThan(1_000);
    await usual.close();
  });
});
