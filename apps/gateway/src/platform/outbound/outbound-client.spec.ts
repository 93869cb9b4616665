import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, Socket, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Configuration } from '../config/index.js';
import { HostResolver } from './host-resolver.js';
import { OutboundClient, type OutboundEnd } from './outbound-client.js';
import { OutboundDialer, ProxyDialer } from './outbound-dialer.js';
import { OutboundPolicy } from './outbound-policy.js';
import { certificate, certificateKey } from './tls.fixture.js';

/** Gives one answer after another, and the last one for ever. */
class SetResolver extends HostResolver {
  asked: string[] = [];

  constructor(private readonly answers: string[][]) {
    super();
  }

  async resolve(host: string): Promise<string[]> {
    this.asked.push(host);
    return (this.answers.length > 1 ? this.answers.shift() : this.answers[0]) ?? [];
  }
}

/** Leads every connection to a server of the test, and says that it leads to where it was asked for, or elsewhere. */
class SetDialer extends OutboundDialer {
  dialed: string[] = [];

  constructor(
    private readonly port: number,
    private readonly connectedTo: (address: string) => string = (address) => address,
  ) {
    super();
  }

  dial(address: string, port: number): Promise<Socket> {
    this.dialed.push(`${address} ${port}`);
    return new Promise((resolve, reject) => {
      const socket = connect(this.port, '127.0.0.1');
      Object.defineProperty(socket, 'remoteAddress', { value: this.connectedTo(address) });
      socket.once('connect', () => resolve(socket)).once('error', reject);
    });
  }
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function serve(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A server that answers everything alike. */
function server(
  status = 200,
  body = 'ok',
  headers: Record<string, string> = {},
): Promise<{ port: number; requests: string[] }> {
  const requests: string[] = [];
  return serve(
    createHttpServer((request, response) => {
      requests.push(`${request.method} ${request.headers.host}${request.url}`);
      response.writeHead(status, headers).end(body);
    }),
  ).then((port) => ({ port, requests }));
}

interface World {
  readonly resolver?: HostResolver;
  readonly dialer: OutboundDialer;
  readonly allowCidrs?: string[];
  readonly proxyUrl?: string;
  readonly ca?: string;
}

function client({ resolver, dialer, allowCidrs = ['93.184.216.0/24'], proxyUrl, ca }: World) {
  const outbound = { allowCidrs, ca: ca ?? null, proxyUrl: proxyUrl ?? null };
  const made = new OutboundClient(
    new OutboundPolicy({ allowCidrs, loopback: 'refused' }),
    resolver ?? new SetResolver([['93.184.216.34']]),
    dialer,
    { outbound } as unknown as Configuration,
  );
  closing.push(() => made.onApplicationShutdown());
  return made;
}

function post(made: OutboundClient, url: string, timeoutMs = 5_000): Promise<OutboundEnd> {
  return made.post({ url, headers: {}, body: '{}', timeoutMs, answerBytes: 1_024 });
}

const url = 'http://example.com/hooks?a=b';

describe('a call to a URL of a tenant', () => {
  it('goes to the address that was checked, under the name that was given', async () => {
    const { port, requests } = await server();
    const dialer = new SetDialer(port);
    const end = await post(client({ dialer }), url);
    expect(end).toMatchObject({ kind: 'answered', status: 200 });
    expect(dialer.dialed).toEqual(['93.184.216.34 80']);
    expect(requests).toEqual(['POST example.com/hooks?a=b']);
  });

  it.each([
    ['private', ['10.0.0.5'], 'address_not_public'],
    ['link-local', ['fe80::1'], 'address_not_public'],
    ['mapped', ['::ffff:10.0.0.5'], 'address_not_public'],
    ['translated', ['64:ff9b::a00:5'], 'address_not_public'],
    ['of a metadata service', ['169.254.169.254'], 'metadata_address'],
    ['in part private', ['93.184.216.34', '10.0.0.5'], 'address_not_public'],
    ['none', [], 'host_not_found'],
  ])('is not dialed where its addresses are %s', async (_what, addresses, reason) => {
    const dialer = new SetDialer(1);
    const end = await post(client({ dialer, resolver: new SetResolver([addresses]) }), url);
    expect(end).toEqual({ kind: 'refused', reason });
    expect(dialer.dialed).toEqual([]);
  });

  it('resolves a name once for a connection, so that a second answer changes nothing (rebinding)', async () => {
    const { port } = await server(200, 'ok', { connection: 'close' });
    const dialer = new SetDialer(port);
    const resolver = new SetResolver([['93.184.216.34'], ['169.254.169.254']]);
    const made = client({ dialer, resolver });
    expect(await post(made, url)).toMatchObject({ kind: 'answered' });
    expect(dialer.dialed).toEqual(['93.184.216.34 80']);
    // The next connection looks again, and is refused.
    expect(await post(made, url)).toEqual({ kind: 'refused', reason: 'metadata_address' });
    expect(dialer.dialed).toHaveLength(1);
  });

  it('checks an address that no look-up ever sees', async () => {
    const dialer = new SetDialer(1);
    const resolver = new SetResolver([['93.184.216.34']]);
    const made = client({ dialer, resolver });
    expect(await post(made, 'http://10.0.0.5/')).toMatchObject({ reason: 'address_not_public' });
    expect(await post(made, 'http://[::1]:80/')).toMatchObject({ reason: 'address_not_public' });
    expect([...resolver.asked, ...dialer.dialed]).toEqual([]);
  });

  it('writes nothing where it came to be connected with another address', async () => {
    const { port, requests } = await server();
    const dialer = new SetDialer(port, () => '169.254.169.254');
    const end = await post(client({ dialer }), url);
    expect(end).toEqual({ kind: 'refused', reason: 'metadata_address' });
    expect(dialer.dialed).toHaveLength(1);
    expect(requests).toEqual([]);
  });

  it('follows no redirect', async () => {
    const { port, requests } = await server(302, '', { location: 'http://10.0.0.5/' });
    const dialer = new SetDialer(port);
    expect(await post(client({ dialer }), url)).toMatchObject({ kind: 'answered', status: 302 });
    expect(requests).toHaveLength(1);
    expect(dialer.dialed).toHaveLength(1);
  });

  it('takes the next address where one does not answer', async () => {
    const { port } = await server();
    const dialer = new SetDialer(port);
    const dial = dialer.dial.bind(dialer);
    dialer.dial = (address, to) =>
      address.endsWith('.34') ? Promise.reject(new Error('dead')) : dial(address, to);
    const resolver = new SetResolver([['93.184.216.34', '93.184.216.35']]);
    expect(await post(client({ dialer, resolver }), url)).toMatchObject({ kind: 'answered' });
    expect(dialer.dialed).toEqual(['93.184.216.35 80']);
  });

  it('cuts a long answer, and does not wait for the end of one that never ends', async () => {
    const port = await serve(
      createHttpServer((_request, response) => {
        response.writeHead(200, { 'retry-after': '7' });
        response.write('a'.repeat(100_000));
      }),
    );
    const end = await post(client({ dialer: new SetDialer(port) }), url);
    expect(end).toMatchObject({ kind: 'answered', status: 200, retryAfter: '7' });
    expect(end.kind === 'answered' && end.body.length).toBe(1_024);
  });

  it('ends by its deadline, also while it is answered bit by bit', async () => {
    const port = await serve(
      createHttpServer((_request, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write('a'), 20);
        response.once('close', () => clearInterval(timer));
      }),
    );
    const end = await post(client({ dialer: new SetDialer(port) }), url, 300);
    expect(end).toEqual({ kind: 'failed', reason: 'timeout' });
  });

  it('says how else it ended', async () => {
    const refusing = new SetDialer(1);
    expect(await post(client({ dialer: refusing }), url)).toEqual({
      kind: 'failed',
      reason: 'connect',
    });
    const port = await serve(createHttpServer((request) => request.socket.destroy()));
    expect(await post(client({ dialer: new SetDialer(port) }), url)).toEqual({
      kind: 'failed',
      reason: 'reset',
    });
    const headers = { 'x-long': 'a'.repeat(20_000) };
    const large = await server(200, 'ok', headers);
    expect(await post(client({ dialer: new SetDialer(large.port) }), url)).toEqual({
      kind: 'failed',
      reason: 'unreadable_answer',
    });
    const plain = await server();
    expect(
      await post(client({ dialer: new SetDialer(plain.port) }), 'https://example.com/'),
    ).toEqual({ kind: 'failed', reason: 'tls' });
  });

  it('trusts the certificates that the operator names, for the name that was given', async () => {
    const port = await serve(
      createHttpsServer({ cert: certificate, key: certificateKey }, (_request, response) => {
        response.end('ok');
      }),
    );
    const dialer = new SetDialer(port);
    const untrusted = { kind: 'failed', reason: 'tls' };
    expect(await post(client({ dialer }), 'https://example.com/')).toEqual(untrusted);
    const trusting = client({ dialer, ca: certificate });
    expect(await post(trusting, 'https://example.com/')).toMatchObject({ status: 200 });
    expect(await post(trusting, 'https://other.example/')).toEqual(untrusted);
    expect(await post(trusting, 'https://93.184.216.34/')).toEqual(untrusted);
  });

  it('asks a proxy for the checked address, not for the name', async () => {
    const { port } = await server();
    const asked: string[] = [];
    const proxy = createHttpServer();
    proxy.on('connect', (request, socket) => {
      asked.push(`${request.url} ${request.headers['proxy-authorization']}`);
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      const upstream = connect(port, '127.0.0.1');
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
      socket.on('close', () => upstream.destroy());
      socket.pipe(upstream).pipe(socket);
    });
    const proxyUrl = `http://us%40er:pass@127.0.0.1:${await serve(proxy)}/`;
    const dialer = new ProxyDialer(proxyUrl);
    expect(await post(client({ dialer, proxyUrl }), url)).toMatchObject({ status: 200 });
    const credential = Buffer.from('us@er:pass').toString('base64');
    expect(asked).toEqual([`93.184.216.34:80 Basic ${credential}`]);
    const inside = client({ dialer, proxyUrl, resolver: new SetResolver([['10.0.0.5']]) });
    expect(await post(inside, url)).toEqual({ kind: 'refused', reason: 'address_not_public' });
    expect(asked).toHaveLength(1);
  });
});
