import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request to the provider as a test's own provider sees it. */
export interface ProviderRequest {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** The caller's port: tells one connection from another. */
  readonly port: number | undefined;
  /** Answers with 200 and this body. */
  accept(messageId: number): void;
  answer(status: number, body: string, headers?: Record<string, string>): void;
  /** Cuts the connection without an answer. */
  reset(): void;
}

export interface TestProvider {
  readonly url: string;
  readonly requests: ProviderRequest[];
  close(): Promise<void>;
}

/** A provider whose every answer the test gives itself; requests that it leaves alone stay without one. */
export async function startProvider(
  onRequest: (request: ProviderRequest) => void = () => undefined,
): Promise<TestProvider> {
  const requests: ProviderRequest[] = [];
  const server = createServer((incoming, response) => {
    void read(incoming).then((text) => {
      const request = requestOf(incoming, response, text);
      requests.push(request);
      onRequest(request);
      return undefined;
    });
  });
  server.keepAliveTimeout = 30_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests, close: () => close(server) };
}

async function read(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  return text;
}

function requestOf(
  incoming: IncomingMessage,
  response: ServerResponse,
  text: string,
): ProviderRequest {
  const answer = (status: number, body: string, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
  return {
    path: incoming.url ?? '',
    body: JSON.parse(text) as Record<string, unknown>,
    port: incoming.socket.remotePort,
    accept: (messageId) => answer(200, JSON.stringify({ message_id: messageId })),
    answer,
    reset: () => incoming.socket.destroy(),
  };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  if (!server.listening) return;
  await new Promise((resolve) => server.close(resolve));
}
