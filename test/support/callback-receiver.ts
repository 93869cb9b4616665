import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A client's callback URL on this machine that remembers what it was told. */
export interface CallbackReceiver {
  readonly url: string;
  /** Bodies as they came, by path. */
  readonly told: { readonly path: string; readonly body: string }[];
  /** The HTTP status of each answer from now on; null: none at all. */
  answerWith: number | null;
  close(): Promise<void>;
}

export async function startCallbackReceiver(): Promise<CallbackReceiver> {
  const told: CallbackReceiver['told'] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      told.push({ path: request.url ?? '', body });
      if (receiver.answerWith !== null) response.writeHead(receiver.answerWith).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: CallbackReceiver = {
    url: `http://127.0.0.1:${port}`,
    told,
    answerWith: 200,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}
