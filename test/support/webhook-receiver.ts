import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** A delivery as it came in. */
export interface ReceivedWebhook {
  readonly id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly body: {
    readonly type: string;
    readonly timestamp: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

export interface ReceiverAnswer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default at once */
  readonly afterMs?: number;
}

export interface WebhookReceiver {
  readonly url: string;
  readonly received: ReceivedWebhook[];
  /** Meets each delivery; `null` leaves it without an answer. */
  answer: (webhook: ReceivedWebhook) => ReceiverAnswer | null;
  /** The most deliveries that were there at once. */
  readonly mostAtOnce: number;
  close(): Promise<void>;
}

/** A tenant's own server, on loopback. */
export async function startReceiver(port = 0): Promise<WebhookReceiver> {
  let underWay = 0;
  let mostAtOnce = 0;
  const server = createServer((request, response) => {
    underWay += 1;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    response.once('close', () => (underWay -= 1));
    void read(request).then((text) => {
      const webhook = webhookOf(request, text);
      receiver.received.push(webhook);
      const answer = receiver.answer(webhook);
      if (answer === null) return undefined;
      const { status, headers, body = 'ok', afterMs = 0 } = answer;
      setTimeout(() => response.writeHead(status, headers).end(body), afterMs);
      return undefined;
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    received: [],
    answer: () => ({ status: 200 }),
    get mostAtOnce() {
      return mostAtOnce;
    },
    close: () => close(server),
  };
  return receiver;
}

/** Whether an implementation of Standard Webhooks that is not ours accepts it. */
export function isSigned({ text, headers }: ReceivedWebhook, secret: string): boolean {
  try {
    new Webhook(secret).verify(text, headers);
    return true;
  } catch {
    return false;
  }
}

function webhookOf(request: IncomingMessage, text: string): ReceivedWebhook {
  const headers = request.headers as Record<string, string>;
  const id = headers['webhook-id'] ?? '';
  return { id, headers, text, body: JSON.parse(text) as ReceivedWebhook['body'] };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
}
