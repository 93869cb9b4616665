/**
 * The provider's client libraries, as far as a server can tell them apart: what each writes, and how strictly it
 * reads. None of their code is here; docs/moving-from-itd.md has the table.
 */
export interface ProviderClient {
  readonly name: string;
  /** Characters beyond Latin-1 arrive; one library writes the low byte of each. */
  readonly writesUnicode: boolean;
  sendRequest(key: string, message: ClientMessage): ClientRequest;
  statusRequest(key: string, messageId: number): ClientRequest;
  /** @throws ProviderClientError for an error body; anything else where it cannot be read */
  readSend(httpStatus: number, body: string): number;
  readStatus(httpStatus: number, body: string): ClientReceipt;
}

/** What a program hands to the library; the rest is unset. */
export interface ClientMessage {
  readonly sender?: string;
  readonly receiver?: string;
  readonly messageType?: number;
  readonly text?: string;
  readonly image?: string;
  readonly buttonCaption?: string;
  readonly buttonAction?: string;
  readonly sourceType?: number;
  readonly callbackUrl?: string;
  readonly validityPeriod?: number;
}

export interface ClientRequest {
  readonly headers: Record<string, string>;
  readonly body: NonNullable<RequestInit['body']>;
}

export interface ClientReceipt {
  readonly messageId: number;
  readonly status: number;
}

export class ProviderClientError extends Error {
  constructor(
    readonly errorName: string,
    override readonly message: string,
    readonly code: number,
    readonly status: number,
  ) {
    super(message);
  }
}

type Json = Record<string, unknown>;

/** The order in which all of them write. */
function fieldsOf(message: ClientMessage): [string, string | number | undefined][] {
  return [
    ['source_addr', message.sender],
    ['destination_addr', message.receiver],
    ['message_type', message.messageType],
    ['text', message.text],
    ['image', message.image],
    ['button_caption', message.buttonCaption],
    ['button_action', message.buttonAction],
    ['source_type', message.sourceType],
    ['callback_url', message.callbackUrl],
    ['validity_period', message.validityPeriod],
  ];
}

const integers = new Set(['message_type', 'source_type', 'validity_period']);

function filled(message: ClientMessage, unset: (field: string) => unknown): Json {
  return Object.fromEntries(
    fieldsOf(message).map(([name, value]) => [name, value ?? unset(name)] as const),
  );
}

function jsonHeaders(key: string): Record<string, string> {
  return {
    authorization: `Basic ${Buffer.from(key).toString('base64')}`,
    'content-type': 'application/json',
    accept: 'application/json',
  };
}

/** All of them: no body is read under another status, and four words make an error. */
function opened(httpStatus: number, body: string): Json {
  if (httpStatus < 200 || httpStatus >= 300) throw new Error(`Response code: ${httpStatus}`);
  const parsed = JSON.parse(body) as Json;
  if (['name', 'message', 'code', 'status'].every((word) => body.includes(word))) {
    onlyKeys(parsed, ['name', 'message', 'code', 'status']);
    throw new ProviderClientError(
      text(parsed['name']),
      text(parsed['message']),
      integer(parsed['code']),
      integer(parsed['status']),
    );
  }
  return parsed;
}

function onlyKeys(parsed: Json, known: readonly string[]): void {
  const unknown = Object.keys(parsed).filter((key) => !known.includes(key));
  if (unknown.length > 0) throw new TypeError(`unexpected keyword argument ${unknown.join()}`);
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`no string: ${JSON.stringify(value)}`);
  return value;
}

/** 64 bits wide at the most, and whole; a JavaScript client loses what lies beyond 2^53. */
function integer(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new TypeError(`no integer: ${JSON.stringify(value)}`);
  return value as number;
}

function receipt(parsed: Json): ClientReceipt {
  return { messageId: integer(parsed['message_id']), status: integer(parsed['status']) };
}

/** Written as ASCII, in the way of several JSON writers. */
function ascii(json: string, also = /[\u0080-\uffff]/g): string {
  return json.replace(also, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const node: ProviderClient = {
  name: 'Node',
  writesUnicode: true,
  sendRequest: (key, message) => ({
    headers: jsonHeaders(key),
    // What is undefined is left out; the two enums are null.
    body: JSON.stringify(filled(message, (name) => (name.endsWith('_type') ? null : undefined))),
  }),
  statusRequest: (key, messageId) => ({
    headers: jsonHeaders(key),
    body: JSON.stringify({ message_id: messageId }),
  }),
  readSend: (status, body) => integer(opened(status, body)['message_id']),
  readStatus: (status, body) => {
    const parsed = opened(status, body);
    documented(parsed['status']);
    return receipt(parsed);
  },
};

const python: ProviderClient = {
  name: 'Python',
  writesUnicode: true,
  sendRequest: (key, message) => ({
    headers: jsonHeaders(key),
    body: ascii(JSON.stringify(filled(message, () => null)).replaceAll('":', '": ')),
  }),
  statusRequest: (key, messageId) => ({
    headers: jsonHeaders(key),
    body: `{"message_id": ${messageId}}`,
  }),
  readSend: (status, body) => integer(opened(status, body)['message_id']),
  readStatus: (status, body) => {
    const parsed = opened(status, body);
    // The answer's keys are the arguments of a constructor, and its status one of an enum.
    onlyKeys(parsed, ['message_id', 'status']);
    documented(parsed['status']);
    return receipt(parsed);
  },
};

const java: ProviderClient = {
  name: 'Java',
  writesUnicode: false,
  sendRequest: (key, message) => ({
    headers: jsonHeaders(key),
    // Enums are strings, null members are left out, an int is always there; the low byte of each character.
    body: Buffer.from(
      JSON.stringify(
        Object.fromEntries(
          fieldsOf(message).flatMap(([name, value]) => {
            if (name === 'validity_period') return [[name, value ?? 0]];
            if (value === undefined) return [];
            return [[name, name.endsWith('_type') ? String(value) : value]];
          }),
        ),
      ),
      'latin1',
    ),
  }),
  statusRequest: (key, messageId) => ({
    headers: jsonHeaders(key),
    body: `{"message_id":${messageId}}`,
  }),
  readSend: (status, body) => integer(opened(status, body)['message_id']),
  readStatus: (status, body) => receipt(opened(status, body)),
};

const cSharp: ProviderClient = {
  name: 'C#',
  writesUnicode: true,
  sendRequest: (key, message) => ({
    headers: { ...jsonHeaders(key), 'content-type': 'text/plain; charset=utf-8' },
    body: ascii(
      JSON.stringify(filled(message, (name) => (integers.has(name) ? 0 : null))),
      /[\u0080-\uffff]|[<>&+']/g,
    ),
  }),
  statusRequest: (key, messageId) => ({
    headers: { ...jsonHeaders(key), 'content-type': 'text/plain; charset=utf-8' },
    body: `{"message_id":${messageId}}`,
  }),
  readSend: (status, body) => {
    const id = integer(opened(status, body)['message_id']);
    // An Int64 is read from digits alone.
    if (!/"message_id":\s*\d+\s*[,}]/.test(body)) throw new TypeError('no Int64');
    return id;
  },
  readStatus: (status, body) => receipt(opened(status, body)),
};

const go: ProviderClient = {
  name: 'Go',
  writesUnicode: true,
  sendRequest: (key, message) => ({
    headers: jsonHeaders(key),
    body: ascii(JSON.stringify(filled(message, (name) => (integers.has(name) ? 0 : ''))), /[<>&]/g),
  }),
  statusRequest: (key, messageId) => ({
    headers: jsonHeaders(key),
    body: `{"message_id":${messageId}}`,
  }),
  readSend: (status, body) => {
    const parsed = opened(status, body);
    // A map of integers: one member of another type, and nothing is read.
    for (const value of Object.values(parsed)) integer(value);
    return integer(parsed['message_id']);
  },
  readStatus: (status, body) => receipt(opened(status, body)),
};

/** The documented sample: an array of fields becomes multipart, and a user without a password a colon. */
const php: ProviderClient = {
  name: 'PHP sample',
  writesUnicode: true,
  sendRequest: (key, message) => {
    const form = new FormData();
    for (const [name, value] of fieldsOf(message)) {
      if (value !== undefined) form.append(name, String(value));
    }
    return {
      headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
      body: form,
    };
  },
  statusRequest: (key, messageId) => ({
    headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
    body: new URLSearchParams({ message_id: String(messageId) }),
  }),
  readSend: (status, body) => integer(opened(status, body)['message_id']),
  readStatus: (status, body) => receipt(opened(status, body)),
};

function documented(status: unknown): void {
  if (![0, 1, 2, 3, 4, 5, 20].includes(status as number)) throw new RangeError(String(status));
}

export const providerClients: readonly ProviderClient[] = [node, python, java, cSharp, go, php];
