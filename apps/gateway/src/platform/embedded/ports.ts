import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';

export async function isFree(port: number): Promise<boolean> {
  return (await listen(port)) !== null;
}

/** A port on 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const port = await listen(0);
  if (port === null) throw new Error('The operating system has no free port on 127.0.0.1.');
  return port;
}

async function listen(port: number): Promise<number | null> {
  const server = createServer();
  try {
    server.listen({ port, host: LOOPBACK });
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch {
    return null;
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}
