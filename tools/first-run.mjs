// `npm start`: the whole of Tyrian on one machine, for a first look and for development. Starts the
// embedded PostgreSQL, the provider's twin and the gateway, each unless the environment names
// another, and provides a demo tenant. Production runs `npm run start:prod`.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Child } from './first-run/child.mjs';
import { provideDemoTenant, readRecord, writeRecord } from './first-run/demo-tenant.mjs';
import { readEnvironment } from './first-run/dot-env.mjs';
import { tryPort } from './first-run/ports.mjs';
import { Stopped } from './first-run/stopped.mjs';
import { welcome } from './first-run/welcome.mjs';

const READY_TIMEOUT_MS = 120_000;
/** npm hands a Ctrl-C on to a process that the terminal has told already. */
const ECHO_MS = 500;

const dist = new URL('../dist/', import.meta.url);
const gatewayScript = fileURLToPath(new URL('apps/gateway/src/main.js', dist));
const sandboxScript = fileURLToPath(new URL('apps/sandbox/src/main.js', dist));

/** In the order in which they are stopped. @type {{ gateway?: Child, sandbox?: Child, postgres?: object }} */
const running = {};
let stopping = null;

async function start() {
  const env = readEnvironment();
  if (env.NODE_ENV?.trim() === 'production') {
    throw new Stopped('npm start is for development: in production run npm run start:prod.');
  }
  // Any free one, that callbacks find: so it has to be known before the gateway starts.
  if (env.PORT?.trim() === '0') env.PORT = String(await tryPort(0, '127.0.0.1'));
  const configuration = await loadConfiguration(env);
  const record = join(configuration.dataDirectory, 'first-run.json');
  const known = readRecord(record);
  const port = await chooseGatewayPort(configuration);
  const sandboxPort = env.VIBER_BASE_URL?.trim() ? null : await chooseSandboxPort(env);
  const childEnv = { ...env, NODE_ENV: configuration.environment, PORT: String(port) };

  if (configuration.database.url === null) {
    const { startEmbeddedPostgres } = await load('apps/gateway/src/platform/embedded/index.js');
    running.postgres = await startEmbeddedPostgres(configuration);
    void running.postgres.exited.then(() => endBecause('The embedded PostgreSQL ended'));
    childEnv.DATABASE_URL = running.postgres.url;
    childEnv.DATABASE_OWNER_URL = running.postgres.ownerUrl;
  }
  if (sandboxPort !== null) {
    childEnv.VIBER_BASE_URL = await startSandbox(env, sandboxPort);
  }
  const host = ['0.0.0.0', '::'].includes(configuration.host) ? '127.0.0.1' : configuration.host;
  const baseUrl = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  running.gateway = launch('gateway', gatewayScript, childEnv);
  await waitFor(`${baseUrl}/health/ready`, running.gateway);

  const [adminToken] = configuration.adminTokens;
  const { tenantId, accountId, apiKey, isNew } = await provideDemoTenant({
    baseUrl,
    adminToken,
    fixedApiKey: configuration.development.apiKey,
    known,
  });
  writeRecord(record, {
    base_url: baseUrl,
    tenant_id: tenantId,
    account_id: accountId,
    api_key: apiKey,
    admin_token: adminToken,
    sandbox_url: running.sandbox ? childEnv.VIBER_BASE_URL : null,
  });
  process.stdout.write(
    welcome({
      baseUrl,
      apiKey,
      isNew,
      record: relative('', record),
      provider: childEnv.VIBER_BASE_URL,
      isSandbox: running.sandbox !== undefined,
      embedded: running.postgres && relative('', join(configuration.dataDirectory, 'postgres')),
    }),
  );
}

async function loadConfiguration(env) {
  const { loadConfiguration: parse, withDevelopmentSecrets } = await load(
    'apps/gateway/src/platform/config/index.js',
  );
  return parse(withDevelopmentSecrets(env), (path) => readFileSync(path, 'utf8')).configuration;
}

async function load(path) {
  try {
    return await import(new URL(path, dist).href);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Stopped('Tyrian is not built: run npm start, or npm run build.');
  }
}

async function chooseGatewayPort({ host, port }) {
  const free = await tryPort(port, host).catch((error) => {
    throw new Stopped(
      error.code === 'EACCES'
        ? `PORT ${port} is not open to this user (EACCES): choose one above 1023 (PORT=8080 npm start).`
        : `HOST ${host} is no address of this machine (${error.code}): set HOST to one, or leave it out.`,
    );
  });
  if (free !== null) return free;
  throw new Stopped(
    `Port ${port} is in use: stop the program that listens there, or choose another port (PORT=${port + 1} npm start).`,
  );
}

async function chooseSandboxPort(env) {
  const wanted = Number(env.SANDBOX_PORT?.trim() || 8090);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
    throw new Stopped('SANDBOX_PORT must be a whole number from 0 to 65535.');
  }
  const free = await tryPort(wanted, '127.0.0.1').catch((error) => {
    throw new Stopped(`SANDBOX_PORT ${wanted} is not open to this user (${error.code}).`);
  });
  return free ?? (await tryPort(0, '127.0.0.1'));
}

async function startSandbox(env, port) {
  running.sandbox = launch('sandbox', sandboxScript, { ...env, SANDBOX_PORT: String(port) });
  const url = `http://127.0.0.1:${port}`;
  await waitFor(`${url}/sandbox/messages`, running.sandbox);
  return url;
}

function launch(name, script, env) {
  const child = new Child({ name, script, env });
  void child.exited.then((how) =>
    endBecause(`The ${name} ended (${how}); its last words stand above`),
  );
  return child;
}

async function waitFor(url, child) {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (child.isRunning) {
    const response = await fetch(url).catch(() => null);
    await response?.arrayBuffer();
    if (response?.ok) return;
    if (performance.now() > deadline) {
      throw new Stopped(`The ${child.name} did not get ready within ${READY_TIMEOUT_MS / 1000} s.`);
    }
    await delay(50);
  }
  // Whatever ended it also ends us.
  await new Promise(() => {});
}

function endBecause(reason) {
  if (stopping === null) void stop(1, `${reason}: stopping the rest.`);
}

/** Ends the gateway first, while it can still write what it knows, and the database last. */
function stop(exitCode, reason) {
  stopping ??= (async () => {
    if (reason) console.error(reason);
    await running.gateway?.stop();
    await running.sandbox?.stop();
    await running.postgres?.stop();
    process.exit(exitCode);
  })();
  return stopping;
}

let firstSignalAt = null;
function onSignal() {
  firstSignalAt ??= performance.now();
  if (stopping === null) {
    console.error('\nStopping …');
    void stop(0);
  } else if (performance.now() - firstSignalAt > ECHO_MS) {
    running.gateway?.kill();
    running.sandbox?.kill();
    // The embedded PostgreSQL notices that we are gone, and stops by itself.
    process.exit(1);
  }
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);

try {
  await start();
} catch (error) {
  const isForPeople =
    error instanceof Stopped ||
    ['ConfigurationError', 'EmbeddedPostgresError'].includes(error?.name);
  await stop(1, isForPeople ? error.message : (error?.stack ?? String(error)));
}
