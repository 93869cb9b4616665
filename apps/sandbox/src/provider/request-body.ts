/** A request's parameters, from any of the three forms of bodies that the provider takes. */
export interface RequestBody {
  /** Empty when the body could not be read. */
  readonly parameters: Record<string, unknown>;
  readonly isReadable: boolean;
  /** The same as JSON on one line, digits of wide numbers kept. */
  readonly json: string;
  /** The JSON as it came. Null for the other forms. */
  readonly raw: string | null;
}

/** Of a request whose body was not looked at. */
export const unreadBody: RequestBody = {
  parameters: {},
  isReadable: false,
  json: 'null',
  raw: null,
};

/** Reads JSON, urlencoded and multipart bodies, told by their content type. */
export async function readBody(contentType: string, bytes: Buffer): Promise<RequestBody> {
  const type = contentType.trimStart().toLowerCase();
  if (type.startsWith('multipart/form-data')) return await readMultipart(contentType, bytes);
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return fromForm(new URLSearchParams(bytes.toString()));
  }
  return readJson(bytes.toString());
}

/**
 * Digits of a parameter as they were written. JSON.parse rounds what is wider than 2^53, so such a number is
 * looked up in the text.
 */
export function digitsOf(body: RequestBody, name: string): string | null {
  const value = body.parameters[name];
  if (typeof value === 'string') return /^\d+$/.test(value) ? value : null;
  if (typeof value !== 'number' || value < 0 || !Number.isInteger(value)) return null;
  if (Number.isSafeInteger(value)) return String(value);
  return new RegExp(`"${name}"\\s*:\\s*(\\d+)`).exec(body.raw ?? '')?.[1] ?? null;
}

function readJson(raw: string): RequestBody {
  try {
    const parsed: unknown = JSON.parse(raw);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
      return unreadable(raw);
    const json = /[\n\r]/.test(raw) ? onOneLine(raw) : raw;
    return { parameters: parsed as Record<string, unknown>, isReadable: true, json, raw };
  } catch {
    return unreadable(raw);
  }
}

async function readMultipart(contentType: string, bytes: Buffer): Promise<RequestBody> {
  try {
    const body = new Uint8Array(bytes);
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
    return fromForm(form);
  } catch {
    return unreadable(bytes.toString());
  }
}

function fromForm(form: Iterable<[string, unknown]>): RequestBody {
  const parameters = Object.fromEntries(form);
  return { parameters, isReadable: true, json: JSON.stringify(parameters), raw: null };
}

function unreadable(raw: string): RequestBody {
  return { parameters: {}, isReadable: false, json: JSON.stringify(raw), raw };
}

/** Valid JSON has line ends between its tokens only, never inside of a string. */
function onOneLine(json: string): string {
  return json.replace(/[\n\r]+/g, ' ');
}
