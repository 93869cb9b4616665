import { once } from 'node:events';
import { createServer } from 'node:net';

/** @returns {Promise<number | null>} the port, or null when another program listens there. */
export async function tryPort(port, host) {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
    return server.address().port;
  } catch (error) {
    if (error.code === 'EADDRINUSE') return null;
    throw error;
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}
