import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedCallback {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Tells connections apart. */
  readonly remotePort: number | undefined;
}

/** A client's callback URL that remembers what it was told. */
export interface CallbackReceiver {
  readonly url: string;
  readonly received: ReceivedCallback[];
  /** The HTTP statuses of the next answers; 200 when there are none left. */
  readonly answerWith: number[];
  /** How long each answer is held back. */
  answerAfterMs: number;
  /** What came to paths that begin so. */
  at(path: string): ReceivedCallback[];
  /** Waits for this many at a path; rejects after 3 s. */
  waitFor(path: string, count: number): Promise<ReceivedCallback[]>;
  close(): Promise<void>;
}

export async function startCallbackReceiver(): Promise<CallbackReceiver> {
  const received: ReceivedCallback[] = [];
  const answerWith: number[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const { url = '', headers } = request;
      const { remotePort } = request.socket;
      received.push({ path: url, headers, body, remotePort });
      const status = answerWith.shift() ?? 200;
      setTimeout(() => response.writeHead(status).end('thank you'), receiver.answerAfterMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const at = (path: string) => received.filter((callback) => callback.path.startsWith(path));
  const receiver: CallbackReceiver = {
    url: `http://127.0.0.1:${port}`,
    received,
    answerWith,
    answerAfterMs: 0,
    at,
    async waitFor(path, count) {
      const deadline = performance.now() + 3_000;
      while (at(path).length < count) {
        if (performance.now() > deadline) {
          throw new Error(`${at(path).length} of ${count} callbacks came to ${path}.`);
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return at(path);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
