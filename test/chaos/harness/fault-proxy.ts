import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface FaultProxyOptions {
  /** Ports on 127.0.0.1 to try, in their order. Asked for each connection. */
  readonly targets: () => readonly number[];
}

/** A connection to a target: whom it reaches sees its port, which tells over which wire it came. */
export interface Made {
  readonly port: number;
  /** Milliseconds since 1970. */
  readonly from: number;
  /** null while it lasts. */
  to: number | null;
}

interface Link {
  readonly client: Socket;
  readonly forth: Channel;
  readonly back: Channel;
  upstream: Socket | null;
  /** What the client wrote before there was a connection behind. */
  early: Buffer[];
}

/** One direction of a connection: what waits in it arrives in its order. */
class Channel {
  private readonly waiting: { readonly dueMs: number; readonly deliver: () => void }[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly fault: () => Fault) {}

  pass(deliver: () => void): void {
    const fault = this.fault();
    if (fault.kind === 'deaf') return;
    const delayMs = fault.kind === 'slow' ? fault.ms : 0;
    this.waiting.push({ dueMs: performance.now() + delayMs, deliver });
    this.flush();
  }

  /** Hands on what is due. */
  flush(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.fault().kind === 'frozen') return;
    for (let first = this.waiting[0]; first; first = this.waiting[0]) {
      const waitMs = first.dueMs - performance.now();
      if (waitMs > 0) {
        this.timer = setTimeout(() => this.flush(), waitMs);
        return;
      }
      this.waiting.shift();
      first.deliver();
    }
  }
}

/** `deaf`: bytes vanish and nobody hears of it, as when the network is parted. `frozen`: bytes are held back. */
type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'deaf' }
  | { readonly kind: 'frozen' }
  | { readonly kind: 'slow'; readonly ms: number };

const none: Fault = { kind: 'none' };

/** A wire of ours between two processes, which a run can break in the ways that networks break. */
export class FaultProxy {
  private fault: Fault = none;
  private readonly links = new Set<Link>();
  /** Every connection that there was. */
  readonly history: Made[] = [];

  private constructor(
    private readonly server: Server,
    private readonly options: FaultProxyOptions,
  ) {}

  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true });
    const proxy = new FaultProxy(server, options);
    server.on('connection', (client) => proxy.open(client));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get connections(): number {
    return this.links.size;
  }

  /** The local ports of what is open behind the wire now. */
  get localPorts(): number[] {
    return [...this.links].flatMap(({ upstream }) => upstream?.localPort ?? []);
  }

  /** Closes every connection, and each new one at once, until `mend`. */
  cut(): void {
    this.fault = { kind: 'cut' };
    for (const link of this.links) destroy(link);
  }

  /** Resets every open connection (RST). New ones are made as usual. */
  reset(): void {
    for (const { client, upstream } of this.links) {
      client.resetAndDestroy();
      upstream?.resetAndDestroy();
    }
  }

  /** Half-open: connections stay, but nothing arrives any more in either direction, until `mend` ends them. */
  deafen(): void {
    this.fault = { kind: 'deaf' };
  }

  /** Nothing arrives until `mend`, and everything then. */
  freeze(): void {
    this.fault = { kind: 'frozen' };
  }

  /** Everything arrives so much later, until `mend`. */
  delay(ms: number): void {
    this.fault = { kind: 'slow', ms };
  }

  mend(): void {
    const { kind } = this.fault;
    this.fault = none;
    if (kind === 'deaf') for (const link of this.links) destroy(link);
    for (const { forth, back } of this.links) {
      forth.flush();
      back.flush();
    }
  }

  async close(): Promise<void> {
    for (const link of this.links) destroy(link);
    await new Promise((resolve) => this.server.close(resolve));
  }

  private open(client: Socket): void {
    client.on('error', () => undefined);
    if (this.fault.kind === 'cut') {
      client.destroy();
      return;
    }
    const fault = (): Fault => this.fault;
    const link: Link = {
      client,
      forth: new Channel(fault),
      back: new Channel(fault),
      upstream: null,
      early: [],
    };
    this.links.add(link);
    client.setNoDelay(true);
    client.on('data', (bytes: Buffer) =>
      link.forth.pass(() => {
        if (link.upstream) link.upstream.write(bytes);
        else link.early.push(bytes);
      }),
    );
    client.on('end', () => link.forth.pass(() => link.upstream?.end()));
    client.on('close', () => {
      this.links.delete(link);
      link.upstream?.destroy();
    });
    this.reach(link, [...this.options.targets()]);
  }

  /** Connects to the first target that takes the connection. */
  private reach(link: Link, targets: number[]): void {
    const port = targets.shift();
    if (port === undefined) {
      link.client.destroy();
      return;
    }
    const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    upstream.once('error', () => {
      if (link.upstream === null && !link.client.destroyed) this.reach(link, targets);
    });
    upstream.once('connect', () => {
      if (link.client.destroyed) {
        upstream.destroy();
        return;
      }
      this.note(upstream);
      this.join(link, upstream);
    });
  }

  private note(upstream: Socket): void {
    const made: Made = { port: upstream.localPort ?? 0, from: Date.now(), to: null };
    this.history.push(made);
    upstream.once('close', () => (made.to = Date.now()));
  }

  private join(link: Link, upstream: Socket): void {
    const { client, back } = link;
    link.upstream = upstream;
    upstream.on('error', () => undefined);
    upstream.on('data', (bytes: Buffer) => back.pass(() => client.write(bytes)));
    upstream.on('end', () => back.pass(() => client.end()));
    upstream.on('close', (hadError) => {
      if (hadError) client.resetAndDestroy();
      else client.destroySoon();
    });
    for (const bytes of link.early.splice(0)) upstream.write(bytes);
  }
}

function destroy({ client, upstream }: Link): void {
  client.destroy();
  upstream?.destroy();
}
