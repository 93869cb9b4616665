import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { EmbeddedPostgresError } from './embedded-postgres.error.js';
import { doesNotStart, type Installation, pathFor, programContext } from './initialise.js';
import { guardPostmaster, stopPostmaster } from './postmaster.js';
import { settings as defaults } from './settings.js';

const LOG_BYTES_KEPT = 10 * 1024 * 1024;
/** Recovery after a crash replays at most `max_wal_size`; even slow disks need no longer. */
const START_TIMEOUT_MS = 180_000;

/** Another program took the port between our look and PostgreSQL's. */
export class PortTaken extends Error {}

export interface StartOptions {
  readonly port: number;
  readonly superuserUrl: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** One run of `postgres`, as our own child. */
export class Server {
  private child: ChildProcess | null = null;
  private guard: ChildProcess | null = null;
  private hasExited = false;
  private logStart = 0;
  private resolveExited: () => void = () => undefined;

  readonly exited = new Promise<void>((resolve) => {
    this.resolveExited = resolve;
  });

  constructor(
    private readonly installation: Installation,
    private readonly logFile: string,
  ) {}

  /** Resolves once the server takes statements. */
  async start({ port, superuserUrl, settings }: StartOptions): Promise<void> {
    const { binaries, user, data } = this.installation;
    const flags = Object.entries({ ...defaults, ...settings, port: String(port) });
    const log = this.openLog();
    this.child = spawn(
      binaries.postgres,
      ['-D', pathFor(user, data), ...flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      // A session of its own: Ctrl-C must end the gateway first, which then ends its database.
      { ...programContext(user, data), stdio: ['ignore', log, log], detached: true },
    );
    closeSync(log);
    this.child.once('exit', () => this.noteExit());
    this.child.once('error', () => this.noteExit());
    // A program that is done may end; the guard then stops the server.
    this.child.unref();
    if (this.child.pid !== undefined) this.guard = guardPostmaster(this.child.pid);
    await this.waitUntilReady(superuserUrl);
  }

  async stop(): Promise<void> {
    if (this.child?.pid === undefined || this.hasExited) return;
    await stopPostmaster(this.child.pid);
    await this.exited;
  }

  private noteExit(): void {
    this.hasExited = true;
    // SIGKILL, as the guard must not signal a number that may soon be another program's.
    this.guard?.kill('SIGKILL');
    this.resolveExited();
  }

  private async waitUntilReady(superuserUrl: string): Promise<void> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    while (!this.hasExited) {
      if (await answers(superuserUrl, this.installation.data)) return;
      if (performance.now() > deadline) {
        throw new EmbeddedPostgresError(
          `The embedded PostgreSQL did not get ready within ${START_TIMEOUT_MS / 1000} s: ` +
            `${this.logFile} tells what it is doing.`,
        );
      }
      await delay(25);
    }
    const log = readFileSync(this.logFile).subarray(this.logStart).toString('utf8');
    if (/could not (bind|create any TCP\/IP sockets)/.test(log)) throw new PortTaken();
    const complaint = /(?:FATAL|PANIC): +(.*)/.exec(log)?.[1] ?? log.trim().split('\n').at(-1);
    throw doesNotStart(this.installation.data, complaint || `see ${this.logFile}`);
  }

  private openLog(): number {
    const log = openSync(this.logFile, 'a', 0o600);
    if (statSync(this.logFile).size > LOG_BYTES_KEPT) truncateSync(this.logFile);
    this.logStart = statSync(this.logFile).size;
    return log;
  }
}

/** Starting up or shutting down (57), or out of connections for a moment (53): worth another try. */
const passing = /^(53|57)/;

async function answers(superuserUrl: string, data: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: superuserUrl, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string };
    // Wrong password: waiting does not help.
    if (code === '28P01') {
      throw new EmbeddedPostgresError(
        'The embedded database does not take the passwords that postgres.json holds: ' +
          'restore that file, or delete it to have new ones made.',
      );
    }
    // A word of the server's and not an errno, such as EPIPE: it is up, and broken.
    if (/^[0-9A-DF-Z][0-9A-Z]{4}$/.test(code) && !passing.test(code))
      throw doesNotStart(data, message);
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
