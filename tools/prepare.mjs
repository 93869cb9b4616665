// Makes a clone ready to run: installs when packages are missing or older than the lock file, and
// builds when a source differs from the last build. Uses Node's own modules alone, because it runs
// before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { argv, env, execPath, exit, stderr, versions } from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stampFile = join(root, 'dist', '.built-from');
const minimumNode = [20, 19];

/** A sentence for a person: the start stops, and the stack would only hide the cause. */
class Unprepared extends Error {}

/** @throws Unprepared */
export function prepare() {
  checkNode();
  if (isInstallNeeded()) install();
  if (isBuildNeeded()) build();
}

function checkNode() {
  const [major, minor] = versions.node.split('.').map(Number);
  const [neededMajor, neededMinor] = minimumNode;
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  throw new Unprepared(
    `Tyrian needs Node.js ${minimumNode.join('.')} or newer, and this is ${versions.node}: install a newer one from https://nodejs.org.`,
  );
}

function isInstallNeeded() {
  const installed = join(modules, '.package-lock.json');
  if (!existsSync(installed)) return true;
  return statSync(installed).mtimeMs < statSync(join(root, 'package-lock.json')).mtimeMs;
}

function install() {
  mustBeWritable(root);
  // npm would empty the folder behind the link, which others may be working with.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Unprepared(`${modules} is a link, and out of date: run npm ci where it leads to.`);
  }
  say('Installing packages (npm ci) …');
  // With NODE_ENV=production npm would leave out the compiler.
  const { status, output } = runNpm([
    'ci',
    '--include=dev',
    '--no-progress',
    // Under `npm test --silent` it would hand its silence down, and hide why it failed.
    '--loglevel=error',
    // Left alone, npm tries for minutes before it says that there is no network.
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-maxtimeout=5000',
    '--fetch-timeout=20000',
  ]);
  if (status === 0) return;
  throw new Unprepared(explainInstall(output));
}

function explainInstall(output) {
  const network =
    /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)\b/;
  const [code] = network.exec(output) ?? [];
  if (code !== undefined) {
    return `The packages could not be downloaded (${code}): connect this machine to the network, or set npm's proxy or registry, and start again.`;
  }
  if (/\bENOSPC\b/.test(output)) return `No space is left on the disk that holds ${root}.`;
  const [, denied] = /\b(EACCES|EPERM|EROFS)\b/.exec(output) ?? [];
  if (denied !== undefined) {
    return `npm may not write its files (${denied}): give ${root} and npm's cache to this user.`;
  }
  return `npm ci failed:\n${lastLines(output)}`;
}

function isBuildNeeded() {
  return !existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== fingerprint();
}

function build() {
  for (const compiler of ['typescript', '@nestjs/cli']) {
    if (existsSync(join(modules, compiler))) continue;
    throw new Unprepared(
      `The compiler is missing (${compiler}): run npm ci --include=dev, then start again.`,
    );
  }
  mustBeWritable(root);
  say('Building …');
  const builtFrom = fingerprint();
  const dist = dirname(stampFile);
  // From scratch: what was compiled from a file that is gone must not stay.
  rmSync(dist, { recursive: true, force: true });
  const { status, output } = runNpm(['run', '--silent', 'build']);
  if (status !== 0) throw new Unprepared(`The build failed:\n${lastLines(output, 30)}`);
  mkdirSync(dist, { recursive: true });
  writeFileSync(stampFile, builtFrom);
}

/** One hash over everything that the build reads; contents, as a checkout changes all times. */
function fingerprint() {
  const hash = createHash('sha256');
  const settings = ['package.json', 'package-lock.json', 'tsconfig.json', 'nest-cli.json'];
  for (const file of [...settings.map((name) => join(root, name)), ...sources()]) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

function sources() {
  return (
    ['apps', 'libs']
      .flatMap((folder) =>
        readdirSync(join(root, folder), { recursive: true }).map((file) =>
          join(root, folder, file),
        ),
      )
      .filter((file) => /\.(ts|sql|json)$/.test(file) && !file.endsWith('.spec.ts'))
      // What libs/client builds for itself is no source.
      .filter((file) => !relative(root, file).includes(`${sep}dist${sep}`))
      .sort((a, b) => (a < b ? -1 : 1))
  );
}

function mustBeWritable(directory) {
  try {
    accessSync(directory, constants.W_OK);
  } catch {
    throw new Unprepared(
      `${directory} may not be written by this user: give the folder to this user, or clone into one of its own.`,
    );
  }
}

function runNpm(args) {
  // The npm that runs us, if one does: there may be no other on the path.
  const [command, ...prefix] = env.npm_execpath?.endsWith('.js')
    ? [execPath, env.npm_execpath]
    : ['npm'];
  const {
    status,
    stdout,
    stderr: errors,
    error,
  } = spawnSync(command, [...prefix, ...args], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...env, NO_COLOR: '1' },
  });
  if (error?.code === 'ENOENT') {
    throw new Unprepared('npm is missing: install Node.js together with its npm.');
  }
  if (error !== undefined) throw error;
  return { status, output: `${stdout}${errors}` };
}

function lastLines(text, count = 10) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

function say(text) {
  stderr.write(`${text}\n`);
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    prepare();
  } catch (error) {
    if (!(error instanceof Unprepared)) throw error;
    say(error.message);
    exit(1);
  }
}
