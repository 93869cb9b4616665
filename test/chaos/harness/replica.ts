import { spawnGateway, type GatewayProcess } from '../../support/gateway-process.js';
import { FaultProxy } from './fault-proxy.js';
import { shortLeases, variablesOf } from './leases.js';

export interface ReplicaOptions {
  readonly name: string;
  /** Where it listens, after each restart again. */
  readonly port: number;
  readonly publicUrl: string;
  readonly databaseUrls: { readonly login: string; readonly owner: string };
  readonly databasePort: number;
  readonly providerPort: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Whether it goes past its wires. */
  readonly direct: boolean;
}

/** One gateway process after another on one port, with wires of its own to the database and to the provider. */
export class Replica {
  private process: GatewayProcess | null = null;
  private stopped = false;

  private constructor(
    private readonly options: ReplicaOptions,
    readonly toDatabase: FaultProxy,
    readonly toProvider: FaultProxy,
  ) {}

  /** Lays the wires; no process runs yet. */
  static async prepare(options: ReplicaOptions): Promise<Replica> {
    const toDatabase = await FaultProxy.start({ targets: () => [options.databasePort] });
    const toProvider = await FaultProxy.start({ targets: () => [options.providerPort] });
    return new Replica(options, toDatabase, toProvider);
  }

  get name(): string {
    return this.options.name;
  }

  get port(): number {
    return this.options.port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What all of its processes wrote, one after another. */
  get logFile(): string {
    return this.options.logFile;
  }

  /** Of the process that runs now. */
  get pid(): number {
    return this.running.child.pid ?? -1;
  }

  get isRunning(): boolean {
    const child = this.process?.child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /**
   * Resolves once it is ready.
   * @param others variables of this start alone
   */
  async start(others: Readonly<Record<string, string>> = {}): Promise<void> {
    const { databaseUrls, providerPort, direct, port, publicUrl, variables, logFile } =
      this.options;
    this.process = await spawnGateway({
      port,
      database: {
        address: {
          url: direct ? databaseUrls.login : this.throughWire(databaseUrls.login),
          ownerUrl: direct ? databaseUrls.owner : this.throughWire(databaseUrls.owner),
        },
      },
      providerUrl: direct ? `http://127.0.0.1:${providerPort}` : this.toProvider.url,
      variables: {
        LOG_LEVEL: 'warn',
        PUBLIC_URL: publicUrl,
        MIGRATE_ON_START: 'false',
        ...variablesOf(shortLeases),
        ...variables,
        ...others,
      },
      logFile,
    });
  }

  /** The same, on another database of the same server. */
  async startOn(database: string): Promise<void> {
    const { login, owner } = this.options.databaseUrls;
    const other = (url: string): string =>
      Object.assign(new URL(this.throughWire(url)), { pathname: database }).href;
    await this.start({ DATABASE_URL: other(login), DATABASE_OWNER_URL: other(owner) });
  }

  /** SIGKILL. Resolves when it is gone. */
  async kill(): Promise<void> {
    await this.running.end('SIGKILL');
    this.stopped = false;
  }

  /** SIGTERM. Resolves with its exit code and how long it took, once it has ended. */
  async terminate(): Promise<{ code: number | null; ms: number }> {
    const startedMs = performance.now();
    const code = await this.running.end('SIGTERM');
    return { code, ms: performance.now() - startedMs };
  }

  /** SIGSTOP. */
  freeze(): void {
    this.running.child.kill('SIGSTOP');
    this.stopped = true;
  }

  /** SIGCONT. */
  thaw(): void {
    this.running.child.kill('SIGCONT');
    this.stopped = false;
  }

  async close(): Promise<void> {
    if (this.stopped) this.thaw();
    if (this.isRunning) await this.kill();
    await Promise.all([this.toDatabase.close(), this.toProvider.close()]);
  }

  private get running(): GatewayProcess {
    if (!this.process) throw new Error(`${this.name} was never started`);
    return this.process;
  }

  private throughWire(url: string): string {
    return Object.assign(new URL(url), { port: String(this.toDatabase.port) }).href;
  }
}
