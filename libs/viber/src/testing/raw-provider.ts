import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** One request as it stood on the wire. */
export interface RawRequest {
  head: string;
  body: string;
  /** Which connection it came on, from 1. */
  connection: number;
  /** Which request it is, from 1. */
  number: number;
}

type Reply = (socket: Socket, request: RawRequest) => void;

/** A provider made of bytes: it says whatever a test lets it say, and remembers every byte it got. */
export class RawProvider {
  readonly requests: RawRequest[] = [];
  /** What came in on each connection, byte for byte. */
  readonly received: Buffer[] = [];
  readonly sockets: Socket[] = [];
  onConnection: (socket: Socket) => void = () => {};

  private constructor(
    private readonly server: Server,
    public reply: Reply,
  ) {
    server.on('connection', (socket) => this.listenTo(socket));
  }

  static async start(
    reply: Reply = (socket) => void socket.write(http(200, '{"message_id":429}')),
  ) {
    const server = createServer();
    const provider = new RawProvider(server, reply);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return provider;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get receivedBytes(): number {
    return this.received.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private listenTo(socket: Socket): void {
    this.sockets.push(socket);
    const connection = this.received.push(Buffer.alloc(0));
    let unread: Buffer = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      this.received[connection - 1] = Buffer.concat([this.received[connection - 1]!, chunk]);
      unread = Buffer.concat([unread, chunk]);
      for (let next = takeRequest(unread); next; next = takeRequest(unread)) {
        unread = next.rest;
        const number = this.requests.length + 1;
        const request = { head: next.head, body: next.body, connection, number };
        this.requests.push(request);
        this.reply(socket, request);
      }
    });
    this.onConnection(socket);
  }
}

/** An HTTP answer with the length of its body, and more headers if wanted. */
export function http(status: number, body: string, headers: Record<string, string> = {}): string {
  const lines = Object.entries({
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join('')}\r\n${body}`;
}

function takeRequest(bytes: Buffer): { head: string; body: string; rest: Buffer } | null {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return null;
  const head = bytes.toString('latin1', 0, headEnd);
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const end = headEnd + 4 + length;
  if (bytes.length < end) return null;
  return { head, body: bytes.toString('utf8', headEnd + 4, end), rest: bytes.subarray(end) };
}
