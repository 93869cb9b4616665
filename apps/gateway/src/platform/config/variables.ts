/** The headings of docs/configuration.md, in the order in which they are printed. */
export const configurationTopics = [
  'Process',
  'Database',
  'Provider',
  'Callbacks',
  'Outbound',
  'Secrets',
  'Drop-in door',
  'Limits',
  'Development',
] as const;

export type VariableType =
  | 'text'
  | 'integer'
  | 'boolean'
  | 'choice'
  | 'list'
  | 'http-url'
  | 'postgres-url';

export interface ConfigurationVariable {
  readonly name: string;
  readonly topic: (typeof configurationTopics)[number];
  readonly type: VariableType;
  /** The text that stands for the variable when it is not set; null: there is none. */
  readonly default: string | null;
  /** Defaults that differ from `default` under one NODE_ENV. */
  readonly defaultIn?: Partial<Record<'development' | 'test', string>>;
  /** Says in words what holds when the default is worked out from other variables. */
  readonly defaultMeaning?: string;
  readonly meaning: string;
  readonly unit?: 'milliseconds' | 'bytes' | 'days';
  /** Bounds of an integer, both included. */
  readonly minimum?: number;
  readonly maximum?: number;
  /** What a `choice`, or each entry of a `list`, may be. */
  readonly choices?: readonly string[];
  /** Never printed, and may be given as a file by NAME_FILE. */
  readonly secret?: true;
  readonly requiredInProduction?: true;
  readonly refusedInProduction?: true;
}

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;

/**
 * Every environment variable that the gateway reads. The loader, docs/configuration.md and
 * .env.example are all made from this table, so that none of them can know a variable that the
 * others do not.
 */
export const configurationVariables = [
  {
    name: 'NODE_ENV',
    topic: 'Process',
    type: 'choice',
    choices: ['production', 'development', 'test'],
    default: 'development',
    meaning:
      'What this process is for. Production refuses the embedded database, the sandbox and every DEV_ variable.',
  },
  {
    name: 'HOST',
    topic: 'Process',
    type: 'text',
    default: '0.0.0.0',
    defaultIn: { development: '127.0.0.1', test: '127.0.0.1' },
    meaning: 'The address to listen on.',
  },
  {
    name: 'PORT',
    topic: 'Process',
    type: 'integer',
    minimum: 0,
    maximum: 65_535,
    default: '8080',
    meaning:
      'The TCP port to listen on; 0 takes any free one, and needs PUBLIC_URL or CALLBACKS=off.',
  },
  {
    name: 'ROLES',
    topic: 'Process',
    type: 'list',
    choices: ['api', 'worker'],
    default: 'api,worker',
    meaning:
      'What this process does: `api` answers requests and callbacks, `worker` sends and follows messages.',
  },
  {
    name: 'LOG_LEVEL',
    topic: 'Process',
    type: 'choice',
    choices: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
    default: 'info',
    defaultIn: { test: 'silent' },
    meaning: 'The least severe level that is logged.',
  },
  {
    name: 'DATA_DIRECTORY',
    topic: 'Process',
    type: 'text',
    default: '.data',
    meaning:
      'Where the embedded database and the secrets made for development are kept. Not used in production with a DATABASE_URL.',
  },
  {
    name: 'TRUSTED_PROXIES',
    topic: 'Process',
    type: 'list',
    default: null,
    meaning:
      'IP addresses and CIDR ranges of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, or `loopback`, `linklocal`, `uniquelocal`. None by default.',
  },
  {
    name: 'RETENTION_DAYS',
    topic: 'Process',
    type: 'integer',
    unit: 'days',
    minimum: 14,
    maximum: 3_650,
    default: '90',
    meaning: 'How long messages and their timelines are kept, counted from acceptance.',
  },
  {
    name: 'DRAIN_DELAY_MS',
    topic: 'Process',
    type: 'integer',
    unit: 'milliseconds',
    minimum: 0,
    maximum: 60_000,
    default: '2000',
    defaultIn: { development: '0', test: '0' },
    meaning:
      'After SIGTERM: how long requests are still served while /health/ready already says no, so that load balancers can turn away.',
  },
  {
    name: 'DRAIN_TIMEOUT_MS',
    topic: 'Process',
    type: 'integer',
    unit: 'milliseconds',
    minimum: 1_000,
    maximum: 300_000,
    default: '25000',
    meaning:
      'After SIGTERM: when the process ends at the latest, DRAIN_DELAY_MS included. Keep it below the termination grace of your scheduler.',
  },
  {
    name: 'DATABASE_URL',
    topic: 'Database',
    type: 'postgres-url',
    default: null,
    defaultMeaning: 'the embedded PostgreSQL',
    secret: true,
    requiredInProduction: true,
    meaning:
      'PostgreSQL 15 to 18, as `postgres://user:password@host:port/database`. Production may leave it out only with ALLOW_EMBEDDED_IN_PRODUCTION.',
  },
  {
    name: 'DATABASE_OWNER_URL',
    topic: 'Database',
    type: 'postgres-url',
    default: null,
    defaultMeaning: 'DATABASE_URL',
    secret: true,
    meaning: 'The login that owns the tables. Only migrations use it.',
  },
  {
    name: 'DATABASE_DIRECT_URL',
    topic: 'Database',
    type: 'postgres-url',
    default: null,
    defaultMeaning: 'DATABASE_URL',
    secret: true,
    meaning: 'A way to the same database that bypasses a connection pooler, for LISTEN.',
  },
  {
    name: 'DATABASE_POOL_SIZE',
    topic: 'Database',
    type: 'integer',
    minimum: 5,
    maximum: 500,
    default: '12',
    meaning: 'Connections to the database from this process, all pools together.',
  },
  {
    name: 'MIGRATE_ON_START',
    topic: 'Database',
    type: 'boolean',
    default: 'true',
    meaning: 'Apply missing migrations at start. Safe when many replicas start at once.',
  },
  {
    name: 'ON_TIMELINE_CHANGE',
    topic: 'Database',
    type: 'choice',
    choices: ['hold', 'continue'],
    default: 'hold',
    meaning:
      'What to do when the database is the same but for its timeline. `hold`: nothing is sent until an operator releases it, as it may be a restore to an earlier time. `continue`: it is a fail-over to a synchronous standby.',
  },
  {
    name: 'ALLOW_EMBEDDED_IN_PRODUCTION',
    topic: 'Database',
    type: 'boolean',
    default: 'false',
    meaning: 'Let production run on the embedded PostgreSQL, on one machine, without a standby.',
  },
  {
    name: 'VIBER_BASE_URL',
    topic: 'Provider',
    type: 'http-url',
    default: null,
    defaultIn: { development: 'http://127.0.0.1:8090', test: 'http://127.0.0.1:8090' },
    defaultMeaning: 'the sandbox at http://127.0.0.1:8090 outside of production',
    requiredInProduction: true,
    meaning: 'The provider, such as `https://web.it-decision.com`.',
  },
  {
    name: 'VIBER_AUTH',
    topic: 'Provider',
    type: 'choice',
    choices: ['key', 'key-colon', 'encoded'],
    default: 'key',
    meaning:
      'How the provider key goes into `Authorization: Basic`: base64 of the key, base64 of the key and a colon, or the key as it is because it is encoded already.',
  },
  {
    name: 'PROVIDER_TIMEOUT_MS',
    topic: 'Provider',
    type: 'integer',
    unit: 'milliseconds',
    minimum: 100,
    maximum: 120_000,
    default: '10000',
    meaning: 'The deadline of one call to the provider, from the first byte to the last.',
  },
  {
    name: 'PROVIDER_MARGIN_MS',
    topic: 'Provider',
    type: 'integer',
    unit: 'milliseconds',
    minimum: 10,
    maximum: 60_000,
    default: null,
    defaultMeaning: 'a fifth of PROVIDER_TIMEOUT_MS, at most 2000',
    meaning: 'What is added to the deadline for pauses of the process and of the network.',
  },
  {
    name: 'LEASE_MS',
    topic: 'Provider',
    type: 'integer',
    unit: 'milliseconds',
    minimum: 1_000,
    maximum: 600_000,
    default: '25000',
    meaning:
      'How long a worker owns a lane without a new heartbeat. At least 2 x (PROVIDER_TIMEOUT_MS + PROVIDER_MARGIN_MS).',
  },
  {
    name: 'GRACE_MS',
    topic: 'Provider',
    type: 'integer',
    unit: 'milliseconds',
    minimum: 1_000,
    maximum: 3_600_000,
    default: '40000',
    meaning:
      'How long an attempt of unknown outcome waits for evidence before `at_least_once` sends again. At least LEASE_MS + PROVIDER_TIMEOUT_MS + PROVIDER_MARGIN_MS.',
  },
  {
    name: 'STATUS_2_FINAL',
    topic: 'Provider',
    type: 'boolean',
    default: 'true',
    meaning: 'Whether the provider’s status 2 (error) is its last word on a message.',
  },
  {
    name: 'PUBLIC_URL',
    topic: 'Callbacks',
    type: 'http-url',
    default: null,
    defaultMeaning: '`http://127.0.0.1:<PORT>` outside of production',
    requiredInProduction: true,
    meaning:
      'Where the provider reaches this installation. https, unless the host is loopback or ALLOW_HTTP_CALLBACKS is true. Production may leave it out only with CALLBACKS=off.',
  },
  {
    name: 'CALLBACKS',
    topic: 'Callbacks',
    type: 'choice',
    choices: ['on', 'off'],
    default: 'on',
    meaning:
      '`off`: the provider gets no callback address, statuses come from polls alone, replies do not come at all.',
  },
  {
    name: 'ALLOW_HTTP_CALLBACKS',
    topic: 'Callbacks',
    type: 'boolean',
    default: 'false',
    meaning: 'Accept a PUBLIC_URL with http outside of loopback, for closed networks.',
  },
  {
    name: 'OUTBOUND_ALLOW_CIDRS',
    topic: 'Outbound',
    type: 'list',
    default: null,
    meaning:
      'CIDR ranges that URLs of tenants, such as webhook endpoints, may lead to although they are not public, parted by commas: `10.0.0.0/8,fd00::/8`. Plain http and any port are allowed inside them. Outside of them: https on port 443 or 8443 to public addresses. Addresses of metadata services are refused in spite of this list; outside of production loopback is allowed without it.',
  },
  {
    name: 'OUTBOUND_CA_FILE',
    topic: 'Outbound',
    type: 'text',
    default: null,
    meaning:
      'A file with certificates in PEM that are trusted for URLs of tenants, besides the public ones.',
  },
  {
    name: 'OUTBOUND_PROXY_URL',
    topic: 'Outbound',
    type: 'http-url',
    default: null,
    secret: true,
    meaning:
      'An HTTP proxy through which URLs of tenants are called, as `http://user:password@host:port`. It is asked by CONNECT for the address that was checked, so names are resolved here.',
  },
  {
    name: 'ADMIN_TOKEN',
    topic: 'Secrets',
    type: 'list',
    default: null,
    defaultMeaning: 'made once and kept in DATA_DIRECTORY, outside of production',
    secret: true,
    requiredInProduction: true,
    meaning:
      'What operators sign in with, at least 32 characters. Several, parted by commas, are valid at once, so that one can be rotated.',
  },
  {
    name: 'MASTER_KEY',
    topic: 'Secrets',
    type: 'list',
    default: null,
    defaultMeaning: 'made once and kept in DATA_DIRECTORY, outside of production',
    secret: true,
    requiredInProduction: true,
    meaning:
      'Keys that encrypt stored secrets: `<id>:<base64 of 32 bytes>`, parted by commas. The first encrypts, all decrypt: `k2:…,k1:…`. Keep it apart from backups of the database.',
  },
  {
    name: 'DROPIN_HTTP_STATUS',
    topic: 'Drop-in door',
    type: 'choice',
    choices: ['200', 'real'],
    default: '200',
    meaning:
      'Under which HTTP status the door for the provider’s clients tells errors: `200`, as those clients read no body under another one, or `real` for that of the error.',
  },
  {
    name: 'LIMIT_BODY_BYTES',
    topic: 'Limits',
    type: 'integer',
    unit: 'bytes',
    minimum: KIBIBYTE,
    maximum: 64 * MEBIBYTE,
    default: String(MEBIBYTE),
    meaning: 'The longest body of a request.',
  },
  {
    name: 'LIMIT_BATCH_BODY_BYTES',
    topic: 'Limits',
    type: 'integer',
    unit: 'bytes',
    minimum: KIBIBYTE,
    maximum: 64 * MEBIBYTE,
    default: String(8 * MEBIBYTE),
    meaning: 'The longest body of a batch of messages.',
  },
  {
    name: 'LIMIT_CALLBACK_BODY_BYTES',
    topic: 'Limits',
    type: 'integer',
    unit: 'bytes',
    minimum: KIBIBYTE,
    maximum: MEBIBYTE,
    default: String(64 * KIBIBYTE),
    meaning: 'The longest body of a callback from the provider.',
  },
  {
    name: 'LIMIT_BATCH_MESSAGES',
    topic: 'Limits',
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    default: '1000',
    meaning: 'The most messages in one batch.',
  },
  {
    name: 'LIMIT_JSON_DEPTH',
    topic: 'Limits',
    type: 'integer',
    minimum: 4,
    maximum: 100,
    default: '16',
    meaning: 'How deep objects and arrays of a JSON body may be nested.',
  },
  {
    name: 'LIMIT_CONNECTIONS',
    topic: 'Limits',
    type: 'integer',
    minimum: 10,
    maximum: 1_000_000,
    default: '10000',
    meaning: 'The most connections that are open to this process at once; more are refused.',
  },
  {
    name: 'LIMIT_HEADERS_TIMEOUT_MS',
    topic: 'Limits',
    type: 'integer',
    unit: 'milliseconds',
    minimum: 100,
    maximum: 60_000,
    default: '10000',
    meaning: 'How long a client may take to send the headers of a request.',
  },
  {
    name: 'LIMIT_BODY_TIMEOUT_MS',
    topic: 'Limits',
    type: 'integer',
    unit: 'milliseconds',
    minimum: 100,
    maximum: 300_000,
    default: '30000',
    meaning: 'How long a client may take to send a whole request.',
  },
  {
    name: 'LIMIT_ACCEPT_QUEUE_ROWS',
    topic: 'Limits',
    type: 'integer',
    minimum: 100,
    maximum: 1_000_000,
    default: '20000',
    meaning:
      'How many messages may wait in memory for the database before requests are answered 503.',
  },
  {
    name: 'LIMIT_TENANT_QUEUE_ROWS',
    topic: 'Limits',
    type: 'integer',
    minimum: 100,
    maximum: 1_000_000,
    default: '5000',
    meaning:
      'How many of those may be of one tenant before its requests are answered 429. Well below the one above, so that others still find room.',
  },
  {
    name: 'LIMIT_PROVIDER_SOCKETS',
    topic: 'Limits',
    type: 'integer',
    minimum: 1,
    maximum: 10_000,
    default: '1000',
    meaning: 'The most connections to the provider that this process opens.',
  },
  {
    name: 'DEV_API_KEY',
    topic: 'Development',
    type: 'text',
    default: null,
    secret: true,
    refusedInProduction: true,
    meaning:
      'Fixes the API key of the demo tenant, for CI: `tyr_live_<3 to 32 letters or digits>_<16 to 128 letters, digits, - or _>`.',
  },
  {
    name: 'DEV_ADMIN_TOKEN',
    topic: 'Development',
    type: 'text',
    default: null,
    secret: true,
    refusedInProduction: true,
    meaning: 'An operators’ token of any length, for CI.',
  },
] as const satisfies readonly ConfigurationVariable[];

type Variable = (typeof configurationVariables)[number];

export type VariableName = Variable['name'];

/** The variables that are one of a few words, and those words. */
export type ChoiceName = Extract<Variable, { type: 'choice' }>['name'];
export type ChoiceOf<Name extends ChoiceName> = Extract<
  Variable,
  { name: Name; type: 'choice' }
>['choices'][number];

const byName: ReadonlyMap<string, ConfigurationVariable> = new Map(
  configurationVariables.map((variable) => [variable.name, variable]),
);

/** @throws TypeError for a name that is not in the table. */
export function variableNamed(name: string): ConfigurationVariable {
  const variable = byName.get(name);
  if (variable === undefined) throw new TypeError(`${name} is not a variable of the gateway`);
  return variable;
}
