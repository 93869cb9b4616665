import { request } from 'node:http';
import { connect, type Socket } from 'node:net';

/** Opens a connection to an address: the one place from which bytes leave for a tenant's URL. */
export abstract class OutboundDialer {
  abstract dial(address: string, port: number, withinMs: number): Promise<Socket>;
}

/** Straight to the address. */
export class DirectDialer extends OutboundDialer {
  dial(address: string, port: number, withinMs: number): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: address, port, noDelay: true });
      const timer = setTimeout(() => socket.destroy(new DialTimeout()), withinMs);
      socket.once('close', () => clearTimeout(timer)).once('error', reject);
      socket.once('connect', () => {
        clearTimeout(timer);
        resolve(socket);
      });
    });
  }
}

/** Through an HTTP proxy, which is asked for the checked address, not for a name that it would resolve anew. */
export class ProxyDialer extends OutboundDialer {
  private readonly proxy: URL;

  constructor(proxyUrl: string) {
    super();
    this.proxy = new URL(proxyUrl);
  }

  dial(address: string, port: number, withinMs: number): Promise<Socket> {
    const target = `${address.includes(':') ? `[${address}]` : address}:${port}`;
    return new Promise((resolve, reject) => {
      const asked = request({
        method: 'CONNECT',
        host: this.proxy.hostname.replaceAll(/^\[|\]$/g, ''),
        port: this.proxy.port || 80,
        path: target,
        agent: false,
        headers: { host: target, ...this.authorization() },
      });
      const timer = setTimeout(() => asked.destroy(new DialTimeout()), withinMs);
      asked.once('close', () => clearTimeout(timer)).once('error', reject);
      asked.once('response', ({ statusCode }) => {
        asked.destroy();
        reject(new ProxyRefused(statusCode));
      });
      asked.once('connect', ({ statusCode }, socket: Socket, head) => {
        clearTimeout(timer);
        // A server that speaks first is none of HTTP.
        if (statusCode === 200 && head.length === 0) return resolve(socket);
        socket.destroy();
        return reject(new ProxyRefused(statusCode));
      });
      asked.end();
    });
  }

  private authorization(): Record<string, string> {
    const { username, password } = this.proxy;
    if (username === '') return {};
    const credential = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return {
      'proxy-authorization': `Basic ${Buffer.from(credential).toString('base64')}`,
    };
  }
}

export class DialTimeout extends Error {
  readonly code = 'ETIMEDOUT';

  constructor() {
    super('the address did not answer in time');
  }
}

class ProxyRefused extends Error {
  readonly code = 'EPROXY';

  constructor(status: number | undefined) {
    super(`the proxy answered ${status ?? 'nothing'}`);
  }
}
