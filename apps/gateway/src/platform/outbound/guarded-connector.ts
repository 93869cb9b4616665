import { isIP, type Socket } from 'node:net';
import { connect as connectTls, rootCertificates } from 'node:tls';
import type { buildConnector } from 'undici';
import type { HostResolver } from './host-resolver.js';
import { DialTimeout, type OutboundDialer } from './outbound-dialer.js';
import { hostOf, OutboundRefused, type OutboundPolicy } from './outbound-policy.js';

export interface GuardedConnectorOptions {
  readonly policy: OutboundPolicy;
  readonly resolver: HostResolver;
  readonly dialer: OutboundDialer;
  /** Trusted besides the public roots, in PEM. */
  readonly ca: string | null;
  /** From the first look-up to the end of the TLS handshake. */
  readonly timeoutMs: number;
  /**
   * `itself`: the socket's remote address is the one that was asked for, and is checked again. `proxy`: it is the proxy's,
   * which was asked for the checked address.
   */
  readonly connectsTo: 'itself' | 'proxy';
}

/**
 * Opens undici's sockets: resolves the name itself, checks every address that it was given, dials one of those, and
 * checks the address that it came to be connected with. A guard in `lookup` alone is passed by: nobody looks up an
 * address.
 */
export class GuardedConnector {
  private readonly trusted: string[] | undefined;

  constructor(private readonly options: GuardedConnectorOptions) {
    this.trusted = options.ca === null ? undefined : [...rootCertificates, options.ca];
  }

  /** As undici calls it. */
  readonly connect: buildConnector.connector = (target, tell) => {
    this.open(target).then(
      (socket) => tell(null, socket),
      (error: unknown) => tell(error as Error, null),
    );
  };

  private async open(target: buildConnector.Options): Promise<Socket> {
    const { policy, timeoutMs } = this.options;
    const endsAtMs = performance.now() + timeoutMs;
    const leftMs = () => Math.max(1, Math.ceil(endsAtMs - performance.now()));
    const host = hostOf(target);
    const addresses =
      isIP(host) === 0 ? await within(leftMs(), this.options.resolver.resolve(host)) : [host];
    policy.assertAddresses(addresses, target);
    const socket = await this.dial(addresses, target, leftMs());
    return target.protocol === 'https:' ? this.secure(socket, host, leftMs()) : socket;
  }

  /** One address after the other; each has a fair part of the time. */
  private async dial(
    addresses: readonly string[],
    target: buildConnector.Options,
    withinMs: number,
  ): Promise<Socket> {
    const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
    let failure: unknown;
    for (const address of addresses) {
      const ownMs = Math.ceil(withinMs / addresses.length);
      try {
        const socket = await this.options.dialer.dial(address, port, ownMs);
        this.assertConnected(socket, target);
        return socket;
      } catch (error) {
        if (error instanceof OutboundRefused) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  private assertConnected(socket: Socket, target: buildConnector.Options): void {
    if (this.options.connectsTo === 'proxy') return;
    try {
      this.options.policy.assertAddress(socket.remoteAddress ?? '', target);
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  private secure(socket: Socket, host: string, withinMs: number): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const secured = connectTls({
        socket,
        host,
        // A server name is a name; of an address the certificate is checked all the same.
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ...(this.trusted === undefined ? {} : { ca: this.trusted }),
        ALPNProtocols: ['http/1.1'],
      });
      const timer = setTimeout(() => secured.destroy(new DialTimeout()), withinMs);
      secured.once('close', () => clearTimeout(timer)).once('error', reject);
      secured.once('secureConnect', () => {
        clearTimeout(timer);
        resolve(secured);
      });
    });
  }
}

function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DialTimeout()), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
