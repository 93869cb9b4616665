import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { call, callAgain, type TestTenant } from '../../support/api.js';
import { adminToken, masterKey } from '../../support/secrets.js';
import { everyRow, formsOf, foundIn } from '../../walls/planted.js';
import { callbackUrlsOf } from '../harness/provider-journal.js';
import type { Replica } from '../harness/replica.js';
import { defineRun, type Scene } from '../harness/run.js';
import type { World } from '../harness/world.js';

interface Size {
  /** Of keys of accounts, of callers and of callbacks; the master key changes twice beside. */
  readonly rotations: number;
  /** Processes killed while the provider and the wires misbehave. */
  readonly kills: number;
  readonly rate: number;
}

/** Those that answer with pages and bodies of their own, or that leave everything open. */
const faults = [
  'bad_gateway',
  'callback_with_phone_number',
  'error_after',
  'further_keys',
  'half_answer',
  'huge_answer',
  'method_not_allowed',
  'no_id',
  'reset_after',
  'timeout_after',
  'unreadable',
];
const faultRate = 0.01;
const overlapSeconds = 20;

/** The walls S5 and S6 over time; `npm test` has one of planted values in test/walls. */
export const s05 = defineRun<Size>({
  name: 'S5',
  promise:
    'keys of every kind rotate under load: failed sends 0; then all goes wrong: secrets, numbers and texts in logs, metrics, errors and views 0, secrets in the database 0',
  tiers: {
    short: { rounds: 1, size: { rotations: 6, kills: 1, rate: 20 } },
    full: { rounds: 3, size: { rotations: 40, kills: 5, rate: 60 } },
  },
  async round(scene, { rotations, kills, rate }) {
    const { findings } = scene;
    const world = await scene.world({
      webhooks: true,
      variables: { LOG_LEVEL: 'trace' },
    });
    const keys = new Keys(scene, world);
    const load = world.load({ rate, count: 1_000_000 });
    await keys.rotate(rotations);
    const report = await load.stop();
    findings.count('requests', report.requests);
    findings.exactly('failed requests', report.requests - (report.answers['202'] ?? 0), 0);
    findings.notes.push(`answers ${JSON.stringify(report.answers)}`);
    findings.exactly('all is sent with the last keys', String(await world.drain()), 'true');
    findings.exactly('messages by another fate than delivered', await undelivered(world), '');
    const rotated = await world.judge();
    findings.exactly('uncertain at any time while keys rotated', rotated.everUncertain, 0);

    const mistakes = new Mistakes(scene, world);
    const troubled = world.load({ rate, count: 1_000_000, patienceMs: 120_000 });
    await makeTrouble(scene, world, keys, kills, () => mistakes.make());
    await troubled.stop();
    findings.exactly('everything has its fate', String(await world.quiesce(120_000)), 'true');
    // What was on the wire to the provider when that was cut may have reached it, as far as a gateway can know.
    findings.judged(await world.judge(), { but: ['FALSE_UNCERTAIN'] });
    await lookEverywhere(scene, world, [...keys.secrets, ...mistakes.secrets], mistakes);
  },
});

/** Every key of an installation, and how it is changed while it is in use. */
class Keys {
  /** All that there ever were. */
  readonly secrets: string[] = [masterKey, adminToken];
  private readonly providerKeys = new Map<string, string>();
  private masterKeys = masterKey;

  constructor(
    private readonly scene: Scene,
    private readonly world: World,
  ) {
    for (const { id, apiKey, accountId } of world.tenants) {
      this.providerKeys.set(accountId, `key-${id}`);
      this.secrets.push(`key-${id}`, secretOf(apiKey));
    }
  }

  /** So many, and a new master key beside them: it is known everywhere before anything is sealed with it. */
  async rotate(rotations: number): Promise<void> {
    const { random, findings } = this.scene;
    const next = `k2:${randomBytes(32).toString('base64')}`;
    const masterSteps = [`${masterKey},${next}`, `${next},${masterKey}`];
    this.secrets.push(next);
    for (let n = 0; n < rotations; n += 1) {
      const what = random.pick(['provider', 'provider', 'api', 'callback'] as const);
      const index = random.integer(0, this.world.tenants.length - 1);
      if (what === 'provider') await this.rotateProviderKey(index);
      else if (what === 'api') await this.rotateApiKey(index);
      else await this.rotateCallbackKeys();
      findings.count(`rotated_${what}_keys`);
      await delay(random.integer(200, 1_000));
      if (n % Math.ceil(rotations / (masterSteps.length + 1)) !== 0 || n === 0) continue;
      const masterKeys = masterSteps.shift();
      if (masterKeys !== undefined) await this.changeMasterKeys(masterKeys);
    }
    findings.exactly('steps of the master key that were left out', masterSteps.length, 0);
  }

  /** Starts a replica that was ended. */
  async start(replica: Replica): Promise<void> {
    await replica.start({ MASTER_KEY: this.masterKeys });
    await this.world.isReady(replica);
  }

  /** The provider refuses the old one from the moment in which the gateway has said that it knows the new one. */
  private async rotateProviderKey(index: number): Promise<void> {
    const { accountId, apiKey } = this.tenant(index);
    const key = `key-${randomBytes(12).toString('hex')}`;
    await this.ask('POST', `/v1/accounts/${accountId}/rotate-provider-key`, {
      token: apiKey,
      body: { provider_key: key },
      expect: 200,
    });
    const old = this.providerKeys.get(accountId) ?? '';
    await this.world.sandbox.setKey(old, { unauthorised: true });
    this.providerKeys.set(accountId, key);
    this.secrets.push(key);
  }

  private async rotateApiKey(index: number): Promise<void> {
    const tenant = this.tenant(index);
    const token = tenant.apiKey;
    const { data } = await this.ask<{ data: { id: string; prefix: string }[] }>(
      'GET',
      '/v1/api-keys',
      { token, expect: 200 },
    );
    const old = data.find(({ prefix }) => token.includes(`_${prefix}_`));
    const { api_key: apiKey } = await this.ask<{ api_key: string }>(
      'POST',
      `/v1/api-keys/${old?.id}/rotate`,
      { token, body: { overlap_seconds: overlapSeconds }, expect: 201 },
    );
    this.world.tenants[index] = { ...tenant, apiKey };
    this.secrets.push(secretOf(apiKey));
  }

  private async rotateCallbackKeys(): Promise<void> {
    await this.ask('POST', '/admin/callback-keys/rotate', { token: adminToken, expect: 201 });
  }

  private async changeMasterKeys(masterKeys: string): Promise<void> {
    this.masterKeys = masterKeys;
    for (const replica of this.world.replicas) {
      await replica.terminate();
      await this.start(replica);
    }
    this.scene.findings.count('changed_master_keys');
  }

  private ask<Body>(
    method: string,
    path: string,
    options: { token: string; body?: unknown; expect: number },
  ): Promise<Body> {
    return callAgain<Body>(this.world, method, path, options, () =>
      this.scene.findings.count('asked_again_after_503'),
    );
  }

  private tenant(index: number): TestTenant {
    return this.world.tenants[index] as TestTenant;
  }
}

function secretOf(apiKey: string): string {
  return apiKey.slice(apiKey.lastIndexOf('_') + 1);
}

/** Requests and callbacks that are wrong, each with a number, a text and a secret in it. */
class Mistakes {
  /** Secrets that somebody put where they do not belong. */
  readonly secrets: string[] = [];
  /** What was answered to any of them. */
  readonly answers: string[] = [];
  private made = 0;

  constructor(
    private readonly scene: Scene,
    private readonly world: World,
  ) {}

  async make(): Promise<void> {
    const { world } = this;
    const { apiKey } = this.scene.random.pick(world.tenants);
    const secret = `misplaced-${randomBytes(8).toString('hex')}`;
    const number = `38067${String(9_000_000 + (this.made += 1)).padStart(7, '0')}`;
    const text = `${world.run}#mistake ${this.made}`;
    this.secrets.push(secret);
    const message = JSON.stringify({ recipient: `+${number}`, text, nonsense: secret });
    const encoded = encodeURIComponent(text);
    const json = 'application/json';
    await this.ask('POST', '/v1/messages', apiKey, message, json);
    await this.ask('POST', '/v1/messages', apiKey, message.slice(0, -1), json);
    await this.ask('POST', '/v1/messages', apiKey, `{"text":"${text}","text":"${number}"}`, json);
    await this.ask('POST', '/v1/messages', apiKey, `${text} ${number} ${secret}`, 'text/plain');
    await this.ask('POST', '/v1/messages/batch', apiKey, `{"messages":[${message}]}`, json);
    await this.ask('POST', '/v1/messages', `tyr_live_none_${secret}`, message, json);
    await this.ask('GET', `/v1/messages?recipient=%2B${number}&sender=${encoded}`, apiKey);
    await this.ask('GET', `/v1/${number}/${encoded}?key=${secret}`, apiKey);
    await this.ask('GET', '/admin/tenants', secret);
    const [url] = await callbackUrlsOf(world);
    if (url === undefined) return;
    const { pathname } = new URL(url);
    const callback = JSON.stringify({ message_id: 1, status: text, phone_number: number });
    await this.ask('POST', `${pathname.slice(0, -2)}xx`, null, callback, json);
    await this.ask('POST', pathname, null, callback.slice(0, -1), json);
    await this.ask('GET', `${pathname}?text=${encoded}&phone_number=${number}`, null);
  }

  private async ask(
    method: string,
    path: string,
    token: string | null,
    body?: string,
    type?: string,
  ): Promise<void> {
    const headers = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(type === undefined ? {} : { 'content-type': type }),
    };
    try {
      const answer = await fetch(this.world.url + path, { method, headers, body: body ?? null });
      const text = await answer.text();
      if (!answer.ok) this.answers.push(text);
    } catch {
      // Whoever meets a gateway that was killed hears nothing.
    }
  }
}

/** Kills, broken wires, ended sessions and a provider that answers anything, while callers make mistakes. */
async function makeTrouble(
  { findings, random }: Scene,
  world: World,
  keys: Keys,
  kills: number,
  makeMistakes: () => Promise<void>,
): Promise<void> {
  for (const fault of faults) await world.sandbox.setFault({ fault, rate: faultRate });
  for (let kill = 0; kill < kills; kill += 1) {
    const victim = random.pick(world.replicas);
    const other = random.pick(world.replicas.filter((replica) => replica !== victim));
    const making = makeMistakes();
    for (const { pid } of await world.postgres.backends())
      await world.postgres.query('select pg_terminate_backend($1)', [pid]);
    other.toDatabase.reset();
    other.toProvider.reset();
    await delay(random.integer(300, 1_000));
    other.toDatabase.mend();
    other.toProvider.mend();
    await world.kill(victim);
    await making;
    await keys.start(victim);
    findings.count('kills');
    await delay(random.integer(1_000, 3_000));
  }
  await world.sandbox.setFault(null);
}

const views = [
  '/admin/lanes',
  '/admin/overview',
  '/admin/audit-log',
  '/admin/tenants',
  '/admin/drift',
  '/admin/reconciliations',
];

/** Any number of a recipient of this run. */
const anyNumber = /38067\d{7}/;

/** Secrets in whatever is written or shown; numbers and texts wherever no tenant reads its own. */
async function lookEverywhere(
  { findings }: Scene,
  world: World,
  planted: readonly string[],
  { answers }: Mistakes,
): Promise<void> {
  const secrets = [...planted.flatMap(formsOf), 'whsec_'];
  const macs = new Set((await callbackUrlsOf(world)).map(macOf));
  const foundSecrets = (text: string): string[] => [
    ...foundIn(text, secrets),
    // There are thousands of them: each word of the text is looked up.
    ...text.split(/[^\w-]+/).filter((word) => macs.has(word)),
  ];
  const look = (where: string, text: string): void => {
    const found = foundSecrets(text);
    if (text.includes(`${world.run}#`)) found.push('a text');
    if (anyNumber.test(text)) found.push('a number');
    if (found.length > 0) findings.notes.push(`${where}: ${found.slice(0, 3).join(', ')}`);
    findings.count('found', found.length);
  };
  findings.count('found', 0);
  findings.count('secrets_looked_for', secrets.length + macs.size);
  let lines = 0;
  for (const { name, logFile, url } of world.replicas) {
    for await (const line of createInterface({ input: createReadStream(logFile) })) {
      lines += 1;
      look(`the log of ${name}: ${line.slice(0, 300)}`, line);
    }
    look('metrics', await (await fetch(`${url}/metrics`)).text());
  }
  for (const path of views)
    look(path, JSON.stringify(await call(world, 'GET', path, { token: adminToken, expect: 200 })));
  answers.forEach((answer) => look(`the answer ${answer.slice(0, 300)}`, answer));
  findings.count('lines_of_logs', lines);
  findings.count('error_answers', answers.length);
  findings.exactly('found where it does not belong', findings.counts['found'] ?? -1, 0);
  const rows = await everyRow(world.postgres);
  findings.exactly('secrets in the database', foundSecrets(rows).slice(0, 3).join(), '');
  // All of it did pass through.
  findings.atLeast('lines of logs', lines, 1_000);
  findings.atLeast('answers to mistakes', answers.length, 10);
  findings.atLeast('macs', macs.size, 100);
  findings.exactly('texts in the database', String(rows.includes(`${world.run}#`)), 'true');
}

function macOf(callbackUrl: string): string {
  return callbackUrl.slice(callbackUrl.lastIndexOf('.') + 1);
}

/** What else became of messages, with how many. */
async function undelivered(world: World): Promise<string> {
  const rows = await world.postgres.query<{ status: string; count: number }>(
    `select coalesce(status, 'open') as status, count(*)::int as count from messages
      where status is distinct from 'delivered' group by 1`,
  );
  return rows.map(({ status, count }) => `${count} ${status}`).join(', ');
}
