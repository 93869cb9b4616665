import { isIP } from 'node:net';
import { apiKeyForm } from './api-key-form.js';
import { Configuration, ConfigurationError, type MasterKey, type Role } from './configuration.js';
import { findMisspeltVariables } from './misspelt-variables.js';
import { VariableReader, type EnvironmentVariables, type ReadFile } from './variable-reader.js';
import { configurationVariables, type VariableName } from './variables.js';

export interface LoadedConfiguration {
  readonly configuration: Configuration;
  /** Sentences for the operator: the start goes on. */
  readonly warnings: readonly string[];
}

const ADMIN_TOKEN_CHARACTERS = 32;
const MASTER_KEY_BYTES = 32;
const LARGEST_DEFAULT_MARGIN_MS = 2_000;

const noFiles: ReadFile = () => {
  throw new Error('Files are not read here.');
};

/**
 * Turns environment variables into the one configuration object. Pure: files are read only through
 * `readFile`, and nothing is written.
 *
 * @throws ConfigurationError with every wrong or missing variable in its message.
 */
export function loadConfiguration(
  env: EnvironmentVariables,
  readFile: ReadFile = noFiles,
): LoadedConfiguration {
  const read = new VariableReader(env, readFile);
  read.environment = read.choice('NODE_ENV');
  const { environment } = read;
  const isProduction = environment === 'production';
  const warnings = findMisspeltVariables(env);

  const database = {
    url: read.postgresUrl('DATABASE_URL'),
    ownerUrl: read.postgresUrl('DATABASE_OWNER_URL'),
    directUrl: read.postgresUrl('DATABASE_DIRECT_URL'),
    poolSize: read.integer('DATABASE_POOL_SIZE'),
    migrateOnStart: read.boolean('MIGRATE_ON_START'),
    onTimelineChange: read.choice('ON_TIMELINE_CHANGE'),
    allowEmbeddedInProduction: read.boolean('ALLOW_EMBEDDED_IN_PRODUCTION'),
  };
  // Nobody means development with a database of his own: it would run, with a port closed to the outside.
  if (database.url !== null && !read.isSet('NODE_ENV')) {
    warnings.push(
      'NODE_ENV is not set although DATABASE_URL is: this counts as development. Set NODE_ENV=production to run for real.',
    );
  }
  const port = read.integer('PORT');
  const callbacks = readCallbacks(read, port);
  const provider = readProvider(read, warnings);
  const adminTokens = readAdminTokens(read);
  const masterKeys = readMasterKeys(read);
  if (isProduction) {
    const excused = new Set<VariableName>();
    if (database.allowEmbeddedInProduction) excused.add('DATABASE_URL');
    if (callbacks.publicUrl === null && read.text('CALLBACKS') === 'off') excused.add('PUBLIC_URL');
    checkProduction(read, env, excused);
  }

  const configuration = new Configuration({
    environment,
    host: read.text('HOST') ?? '',
    port,
    roles: new Set(read.list('ROLES') as Role[]),
    database,
    provider,
    callbacks,
    outbound: readOutbound(read),
    adminTokens,
    masterKeys,
    dropin: { httpStatus: read.choice('DROPIN_HTTP_STATUS') },
    logLevel: read.choice('LOG_LEVEL'),
    retentionDays: read.integer('RETENTION_DAYS'),
    trustedProxies: readTrustedProxies(read),
    dataDirectory: read.text('DATA_DIRECTORY') ?? '.data',
    drain: readDrain(read),
    development: { apiKey: readApiKey(read) },
    limits: readLimits(read),
  });
  if (read.problems.length > 0) throw new ConfigurationError(read.problems, warnings);
  return { configuration, warnings };
}

function readProvider(read: VariableReader, warnings: string[]): Configuration['provider'] {
  const timeoutMs = read.integer('PROVIDER_TIMEOUT_MS');
  const marginMs = read.isSet('PROVIDER_MARGIN_MS')
    ? read.integer('PROVIDER_MARGIN_MS')
    : Math.min(LARGEST_DEFAULT_MARGIN_MS, Math.ceil(timeoutMs / 5));
  const leaseMs = read.integer('LEASE_MS');
  const graceMs = read.integer('GRACE_MS');
  const timesAreUsable = (
    ['PROVIDER_TIMEOUT_MS', 'PROVIDER_MARGIN_MS', 'LEASE_MS', 'GRACE_MS'] as const
  ).every((name) => !read.unusable.has(name));
  const call = `PROVIDER_TIMEOUT_MS (${timeoutMs}) + PROVIDER_MARGIN_MS (${marginMs})`;
  // A shorter lease could end while a call is on the wire, and the taker would send it again.
  if (timesAreUsable && leaseMs < 2 * (timeoutMs + marginMs)) {
    read.reject('LEASE_MS', `must be at least 2 x (${call}), not ${leaseMs}`);
  }
  // A shorter grace could end before the former owner of the lane told what it knew.
  if (timesAreUsable && graceMs < leaseMs + timeoutMs + marginMs) {
    read.reject('GRACE_MS', `must be at least LEASE_MS (${leaseMs}) + ${call}, not ${graceMs}`);
  }
  const baseUrl = read.httpUrl('VIBER_BASE_URL') ?? '';
  if (read.environment === 'production' && isPlainHttpBeyondLoopback(baseUrl)) {
    warnings.push('VIBER_BASE_URL is plain http: provider keys and texts cross the network open.');
  }
  return {
    baseUrl,
    auth: read.choice('VIBER_AUTH'),
    timeoutMs,
    marginMs,
    leaseMs,
    graceMs,
    status2Final: read.boolean('STATUS_2_FINAL'),
  };
}

function readCallbacks(read: VariableReader, port: number): Configuration['callbacks'] {
  const areOn = read.choice('CALLBACKS') === 'on';
  const allowHttp = read.boolean('ALLOW_HTTP_CALLBACKS');
  const given = read.httpUrl('PUBLIC_URL');
  if (given !== null && isPlainHttpBeyondLoopback(given) && !allowHttp) {
    read.reject('PUBLIC_URL', 'must begin with https://, unless ALLOW_HTTP_CALLBACKS is true');
  }
  if (!areOn) return { publicUrl: null };
  if (given !== null || read.environment === 'production') return { publicUrl: given };
  if (port === 0 && !read.unusable.has('PORT')) {
    read.reject(
      'PORT',
      'may be 0 only with PUBLIC_URL or CALLBACKS=off: callbacks need an address',
    );
  }
  return { publicUrl: `http://127.0.0.1:${port}` };
}

function readAdminTokens(read: VariableReader): string[] {
  const tokens = read.list('ADMIN_TOKEN');
  if (tokens.some((token) => token.length < ADMIN_TOKEN_CHARACTERS)) {
    read.reject('ADMIN_TOKEN', `must have at least ${ADMIN_TOKEN_CHARACTERS} characters each`);
  }
  const fixed = read.text('DEV_ADMIN_TOKEN');
  for (const [name, given] of [
    ['ADMIN_TOKEN', tokens],
    ['DEV_ADMIN_TOKEN', fixed === null ? [] : [fixed]],
  ] as const) {
    if (given.some((token) => !/^[\x21-\x7e]+$/.test(token))) {
      read.reject(name, 'may hold printable ASCII characters only, without blanks');
    }
  }
  // First, so that whoever prints "the" token prints the fixed one.
  return fixed === null ? tokens : [fixed, ...tokens];
}

function readApiKey(read: VariableReader): string | null {
  const key = read.text('DEV_API_KEY');
  if (key !== null && !apiKeyForm.test(key)) {
    read.reject(
      'DEV_API_KEY',
      'must look like tyr_live_<3 to 32 letters or digits>_<16 to 128 letters, digits, - or _>',
    );
  }
  return key;
}

function readMasterKeys(read: VariableReader): MasterKey[] {
  const keys: MasterKey[] = [];
  for (const entry of read.list('MASTER_KEY')) {
    const [, id, encoded] = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)$/.exec(entry) ?? [];
    const key = Buffer.from(encoded ?? '', 'base64');
    if (id === undefined || key.length !== MASTER_KEY_BYTES) {
      read.reject(
        'MASTER_KEY',
        `must be entries of the form <id>:<base64 of ${MASTER_KEY_BYTES} bytes>, parted by commas`,
      );
      return [];
    }
    if (keys.some((other) => other.id === id)) {
      read.reject('MASTER_KEY', `has two keys with the id ${id}`);
    }
    keys.push({ id, key });
  }
  return keys;
}

function readDrain(read: VariableReader): Configuration['drain'] {
  const delayMs = read.integer('DRAIN_DELAY_MS');
  const timeoutMs = read.integer('DRAIN_TIMEOUT_MS');
  if (delayMs >= timeoutMs && !read.unusable.has('DRAIN_DELAY_MS')) {
    read.reject('DRAIN_DELAY_MS', `must be less than DRAIN_TIMEOUT_MS (${timeoutMs})`);
  }
  return { delayMs, timeoutMs };
}

function readLimits(read: VariableReader): Configuration['limits'] {
  const headersTimeoutMs = read.integer('LIMIT_HEADERS_TIMEOUT_MS');
  const bodyTimeoutMs = read.integer('LIMIT_BODY_TIMEOUT_MS');
  if (headersTimeoutMs > bodyTimeoutMs && !read.unusable.has('LIMIT_HEADERS_TIMEOUT_MS')) {
    read.reject(
      'LIMIT_HEADERS_TIMEOUT_MS',
      `must not be longer than LIMIT_BODY_TIMEOUT_MS (${bodyTimeoutMs}), which covers the headers too`,
    );
  }
  return {
    bodyBytes: read.integer('LIMIT_BODY_BYTES'),
    batchBodyBytes: read.integer('LIMIT_BATCH_BODY_BYTES'),
    callbackBodyBytes: read.integer('LIMIT_CALLBACK_BODY_BYTES'),
    batchMessages: read.integer('LIMIT_BATCH_MESSAGES'),
    jsonDepth: read.integer('LIMIT_JSON_DEPTH'),
    connections: read.integer('LIMIT_CONNECTIONS'),
    headersTimeoutMs,
    bodyTimeoutMs,
    acceptQueueRows: read.integer('LIMIT_ACCEPT_QUEUE_ROWS'),
    tenantQueueRows: read.integer('LIMIT_TENANT_QUEUE_ROWS'),
    socketsToProvider: read.integer('LIMIT_PROVIDER_SOCKETS'),
  };
}

function readOutbound(read: VariableReader): Configuration['outbound'] {
  const allowCidrs = read.list('OUTBOUND_ALLOW_CIDRS');
  const wrong = allowCidrs.find((range) => !isRange(range));
  if (wrong !== undefined) {
    read.reject(
      'OUTBOUND_ALLOW_CIDRS',
      `lists ${JSON.stringify(wrong)}, which is no address or range`,
    );
  }
  return {
    allowCidrs,
    ca: read.certificates('OUTBOUND_CA_FILE'),
    proxyUrl: read.proxyUrl('OUTBOUND_PROXY_URL'),
  };
}

function readTrustedProxies(read: VariableReader): string[] {
  const proxies = read.list('TRUSTED_PROXIES');
  const wrong = proxies.find((proxy) => !isProxyRange(proxy));
  if (wrong !== undefined) {
    read.reject('TRUSTED_PROXIES', `lists ${JSON.stringify(wrong)}, which is no address or range`);
  }
  return proxies;
}

function isProxyRange(text: string): boolean {
  return ['loopback', 'linklocal', 'uniquelocal'].includes(text) || isRange(text);
}

function isRange(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  return /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128);
}

function isPlainHttpBeyondLoopback(url: string): boolean {
  if (!url.startsWith('http://')) return false;
  const { hostname } = new URL(url);
  return !(hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname));
}

function checkProduction(
  read: VariableReader,
  env: EnvironmentVariables,
  excused: ReadonlySet<VariableName>,
): void {
  for (const variable of configurationVariables) {
    const { name } = variable;
    if ('refusedInProduction' in variable && read.isSet(name)) {
      read.reject(name, 'must not be set in production');
    }
    if (!('requiredInProduction' in variable) || excused.has(name) || read.unusable.has(name)) {
      continue;
    }
    if (read.isSet(name)) continue;
    const found = env[name] === undefined ? 'is not set' : 'is set but empty';
    read.reject(name, `${found}. ${howToGive[name]}`);
  }
}

const howToGive: Partial<Record<VariableName, string>> = {
  DATABASE_URL:
    'Production needs a PostgreSQL of its own, or ALLOW_EMBEDDED_IN_PRODUCTION=true for the embedded one',
  VIBER_BASE_URL: 'Production needs the address of the provider',
  PUBLIC_URL: 'Production needs the address that the provider calls back, or CALLBACKS=off',
  ADMIN_TOKEN: 'Production needs a token for operators, such as `openssl rand -hex 32` prints',
  MASTER_KEY: 'Production needs a key such as `echo k1:$(openssl rand -base64 32)` prints',
};
