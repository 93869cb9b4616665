import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import {
  setSuperuserPassword,
  type Installation,
} from '../../../apps/gateway/src/platform/embedded/initialise.js';
import { operatingUser } from '../../../apps/gateway/src/platform/embedded/operating-user.js';
import { findPostmaster } from '../../../apps/gateway/src/platform/embedded/postmaster.js';
import {
  provisionDatabase,
  provisionRoles,
} from '../../../apps/gateway/src/platform/embedded/provision.js';
import { Server } from '../../../apps/gateway/src/platform/embedded/server.js';
import { bringArchive, recoveringTo, takeBaseBackup } from '../../support/base-backup.js';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/ports.js';
import { findPrograms, letThrough, makeCluster } from './postgres-programs.js';
import { SmallDisk } from './small-disk.js';
import { built } from '../../support/root.js';

const database = 'tyrian';
const passwords = { owner: 'owner', login: 'login', superuser: 'superuser' };
/** A postmaster that was killed leaves its children, and their memory, for a moment. */
const restartWithinMs = 30_000;
/** A query waits for the database's return. */
const queryWithinMs = 20_000;

/** A migrated cluster at rest, made once in each process: it is copied in a moment, and made in many. */
let mould: Promise<string> | null = null;

/** A PostgreSQL whose postmaster is a child of ours, so that it can be killed and started again on its files. */
export class Postgres {
  private server: Server | null = null;
  private readonly superuser: pg.Pool;

  private constructor(
    private readonly installation: Installation,
    private readonly logFile: string,
    readonly port: number,
    private readonly settings: Readonly<Record<string, string>>,
    /** What its files lie on; null for that of the machine. */
    readonly disk: SmallDisk | null,
  ) {
    this.superuser = new pg.Pool({
      connectionString: this.urlAs('postgres', passwords.superuser),
      max: 4,
      connectionTimeoutMillis: 5_000,
      application_name: 'harness',
    });
    this.superuser.on('error', () => undefined);
    this.superuser.on('connect', (client) => client.on('error', () => undefined));
  }

  /**
   * Starts a cluster of its own with the two logins and a migrated database.
   * @param diskMegabytes puts its files on a small disk of their own, where this user may mount one
   */
  static async start(
    directory: string,
    settings: Readonly<Record<string, string>> = {},
    diskMegabytes: number | null = null,
  ): Promise<Postgres> {
    mkdirSync(directory, { recursive: true });
    mould ??= Postgres.makeMould();
    const from = await mould;
    const disk =
      diskMegabytes === null ? null : SmallDisk.mount(join(directory, 'disk'), diskMegabytes);
    const postgres = await Postgres.prepare(directory, settings, disk);
    await promisify(execFile)('cp', ['-a', from, postgres.installation.data]);
    await postgres.begin();
    return postgres;
  }

  private static async makeMould(): Promise<string> {
    // Jest tells no worker of its end; it takes away a folder of its own.
    const directory = mkdtempSync(
      join(process.env['TYRIAN_TEST_SCRATCH'] ?? tmpdir(), 'tyrian-mould-'),
    );
    process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
    letThrough(directory);
    const postgres = await Postgres.prepare(directory, {}, null);
    const { installation } = postgres;
    makeCluster(installation);
    setSuperuserPassword(installation, passwords.superuser);
    await postgres.begin();
    await postgres.provide();
    await postgres.stop();
    return installation.data;
  }

  private static async prepare(
    directory: string,
    settings: Readonly<Record<string, string>>,
    disk: SmallDisk | null,
  ): Promise<Postgres> {
    const data = join(disk?.directory ?? directory, 'postgres');
    const user = operatingUser(data);
    return new Postgres(
      { binaries: findPrograms(user), user, data },
      join(directory, 'postgres.log'),
      await freePort(),
      { max_connections: '200', shared_buffers: '64MB', ...settings },
      disk,
    );
  }

  /** What the gateway signs in as. */
  get loginUrl(): string {
    return this.urlAs('tyrian', passwords.login);
  }

  /** What migrations sign in as. */
  get ownerUrl(): string {
    return this.urlAs('tyrian_owner', passwords.owner);
  }

  /** As superuser, for looking and for arranging; the product never does. */
  async query<Row = Record<string, unknown>>(
    text: string,
    parameters: readonly unknown[] = [],
  ): Promise<Row[]> {
    const deadlineMs = performance.now() + queryWithinMs;
    for (;;) {
      try {
        return (await this.superuser.query(text, parameters as unknown[])).rows as Row[];
      } catch (error) {
        // The harness's own sessions end with a crash as well; only what SQL itself refuses is for the caller.
        const { severity, code = '' } = error as { severity?: string; code?: string };
        const isRefused = severity === 'ERROR' && !code.startsWith('57');
        if (isRefused || performance.now() > deadlineMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  /** Another session as superuser, for a transaction that is held open or a lock that is in the way. */
  async session(): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: this.urlAs('postgres', passwords.superuser) });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  }

  get postmaster(): number {
    const pid = findPostmaster(this.installation.data);
    if (pid === null) throw new Error('PostgreSQL does not run');
    return pid;
  }

  /** A copy of the database beside it, as a dump that is restored. Whoever is signed in is cut off for a moment. */
  async copyTo(name: string): Promise<void> {
    try {
      await this.besides(
        `alter database ${database} allow_connections false`,
        `select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${database}'`,
        `create database ${name} template ${database} owner tyrian_owner`,
      );
    } finally {
      await this.besides(`alter database ${database} allow_connections true`);
    }
  }

  /** Puts a copy, which nobody is signed in to, in the place of the database. */
  async replaceBy(name: string): Promise<void> {
    await this.besides(
      `drop database ${database} with (force)`,
      `alter database ${name} rename to ${database}`,
    );
  }

  /** A base backup of the whole server, from which `restoreTo` begins. Wants the settings `archiving`. */
  async takeBackup(): Promise<void> {
    const url = this.urlAs('postgres', passwords.superuser);
    await takeBaseBackup(url, this.installation.data, this.backup);
  }

  /** Stops it at once, and starts it from the base backup as it stood at a time, on a new timeline. */
  async restoreTo(time: string): Promise<void> {
    const { data } = this.installation;
    await bringArchive((text) => this.query(text), data, this.backup);
    await this.stopAtOnce();
    renameSync(data, `${data}-original`);
    renameSync(this.backup, data);
    await this.begin(recoveringTo(time));
    await eventually(
      async () => {
        const [row] = await this.query<{ done: boolean }>('select not pg_is_in_recovery() as done');
        return row?.done;
      },
      { withinMs: 60_000, what: 'the end of recovery' },
    );
  }

  /** The gateways' backends. */
  async backends(): Promise<{ pid: number; application_name: string }[]> {
    return this.query(
      `select pid, application_name from pg_stat_activity
        where usename = 'tyrian' and backend_type = 'client backend'`,
    );
  }

  /** Stopped at once (SIGQUIT): no session is ended in order and no checkpoint written. */
  async stopAtOnce(): Promise<void> {
    await this.end('SIGQUIT');
  }

  async killPostmaster(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Whether the postmaster is there, whatever its database does. */
  get isRunning(): boolean {
    return findPostmaster(this.installation.data) !== null;
  }

  /**
   * Starts it again on its files. Gives how long that took, recovery included.
   * @param others settings of this start alone
   */
  async begin(others: Readonly<Record<string, string>> = {}): Promise<number> {
    const startedMs = performance.now();
    for (;;) {
      // A killed postmaster's number may belong to any process of ours by now.
      if (findPostmaster(this.installation.data) === null)
        rmSync(join(this.installation.data, 'postmaster.pid'), { force: true });
      this.server = new Server(this.installation, this.logFile);
      try {
        await this.server.start({
          port: this.port,
          superuserUrl: this.urlAs('postgres', passwords.superuser, 'postgres'),
          settings: { ...this.settings, ...others },
        });
        return performance.now() - startedMs;
      } catch (error) {
        if (performance.now() - startedMs > restartWithinMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async stop(): Promise<void> {
    await this.superuser.end().catch(() => undefined);
    await this.server?.stop();
    this.disk?.unmount();
  }

  /** Statements about databases, from outside of them. */
  private async besides(...statements: string[]): Promise<void> {
    const url = this.urlAs('postgres', passwords.superuser, 'postgres');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      for (const statement of statements) await client.query(statement);
    } finally {
      await client.end();
    }
  }

  private get backup(): string {
    return `${this.installation.data}-backup`;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { server } = this;
    if (!server) throw new Error('PostgreSQL does not run');
    process.kill(this.postmaster, signal);
    await server.exited;
    this.server = null;
  }

  private async provide(): Promise<void> {
    const superuserUrl = this.urlAs('postgres', passwords.superuser, 'postgres');
    await provisionRoles(superuserUrl, passwords);
    await provisionDatabase(superuserUrl, database);
    const script = built('apps/gateway/src/migrate.js');
    if (!existsSync(script))
      throw new Error('The gateway is not built: run `npm run build` first.');
    await promisify(execFile)(process.execPath, [script], {
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'test',
        DATABASE_URL: this.loginUrl,
        DATABASE_OWNER_URL: this.ownerUrl,
      },
    });
    await eventually(async () => (await this.query('select 1 from tenants limit 0')).length === 0);
  }

  private urlAs(user: string, password: string, name = database): string {
    return `postgres://${user}:${password}@127.0.0.1:${this.port}/${name}`;
  }
}
