import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';

export interface ClientAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** What the official clients send for key `KEY`. */
export function basic(key: string): string {
  return `Basic ${Buffer.from(key).toString('base64')}`;
}

/** A send that the provider accepts; `changes` make it another one. */
export function aSend(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    source_addr: 'Custom Company',
    destination_addr: '380501112233',
    message_type: 106,
    text: 'Message content',
    source_type: 1,
    ...changes,
  };
}

/** Talks to one sandbox; every test its own, so that no connection is shared. */
export class SandboxClient {
  private readonly agent = new Agent();

  constructor(
    private readonly url: string,
    private readonly key = 'KEY',
  ) {}

  send(body: Record<string, unknown>, timeoutMs = 5_000): Promise<ClientAnswer> {
    return this.post('/v1/api/send-viber', JSON.stringify(body), { timeoutMs });
  }

  /** @param id as digits, so that none is lost. */
  status(id: string, timeoutMs = 5_000): Promise<ClientAnswer> {
    return this.post('/v1/api/receive-viber', `{"message_id":${id}}`, { timeoutMs });
  }

  post(
    path: string,
    body: string,
    {
      contentType = 'application/json',
      authorization = basic(this.key),
      timeoutMs = 5_000,
    }: { contentType?: string; authorization?: string | undefined; timeoutMs?: number } = {},
  ): Promise<ClientAnswer> {
    return this.call('POST', path, { body, contentType, authorization, timeoutMs });
  }

  async control(
    method: Dispatcher.HttpMethod,
    path: string,
    body?: unknown,
    // oxlint-disable-next-line typescript/no-explicit-any -- what it is, is what the tests assert
  ): Promise<{ status: number; json: any }> {
    const answer = await this.call(method, `/sandbox${path}`, {
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: answer.status, json: JSON.parse(answer.text) };
  }

  async call(
    method: Dispatcher.HttpMethod,
    path: string,
    {
      body,
      contentType = 'application/json',
      authorization = '',
      timeoutMs = 5_000,
    }: {
      body?: string | undefined;
      contentType?: string;
      authorization?: string;
      timeoutMs?: number;
    } = {},
  ): Promise<ClientAnswer> {
    const answer = await request(this.url + path, {
      dispatcher: this.agent,
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': contentType }),
        ...(authorization === '' ? {} : { authorization }),
      },
      body: body ?? null,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}
