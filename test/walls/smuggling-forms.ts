import fc from 'fast-check';
import { smuggledBody, smuggledRequest, type RawAttack } from './s4-raw-sockets.js';

const lineEnd = '\r\n';

/** Letters of a header's name in any case: readers that compare them otherwise see another header. */
const inAnyCase = (name: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((high) =>
      [...name].map((letter, n) => (high[n] ? letter.toUpperCase() : letter)).join(''),
    );

const contentLength = inAnyCase('content-length');
const transferEncoding = inAnyCase('transfer-encoding');
const someLength = fc.integer({ min: 0, max: 200 });

const header = (name: fc.Arbitrary<string>, value: fc.Arbitrary<string | number>) =>
  fc.tuple(name, value).map(([called, said]) => `${called}: ${said}`);

const chunk = (content: string): string =>
  `${content.length.toString(16)}${lineEnd}${content}${lineEnd}`;
const chunked = `${chunk(smuggledBody)}0${lineEnd}${lineEnd}`;

/** Headers and a body that no two readers need agree on; RFC 9112 has each of them refused. */
interface Framing {
  readonly name: string;
  readonly headers: fc.Arbitrary<readonly string[]>;
  /** @default `0\r\n\r\n`, the end of a body of chunks, or five bytes of another one */
  readonly body?: fc.Arbitrary<string>;
}

const framings: readonly Framing[] = [
  {
    name: 'lengths that differ',
    headers: fc
      .uniqueArray(someLength, { minLength: 2, maxLength: 4 })
      .chain((lengths) =>
        fc.tuple(...lengths.map((length) => header(contentLength, fc.constant(length)))),
      ),
  },
  {
    name: 'a list of lengths that differ',
    headers: fc
      .tuple(contentLength, fc.uniqueArray(someLength, { minLength: 2, maxLength: 4 }))
      .map(([name, lengths]) => [`${name}: ${lengths.join(', ')}`]),
  },
  {
    name: 'a length that is no number',
    headers: header(
      contentLength,
      fc
        .tuple(
          fc.constantFrom('+', '-', '0x', '"', "'", 'a', ',', ';', '5 ', '5_', '1e', '٥', '\x0b'),
          someLength,
          fc.constantFrom('', 'h', ' 5', ';', '.0'),
        )
        .map((parts) => Buffer.from(parts.join('')).toString('latin1')),
    ).map((line) => [line]),
  },
  {
    name: 'a length beyond 64 bits',
    headers: header(contentLength, fc.bigInt({ min: 2n ** 64n, max: 2n ** 80n }).map(String)).map(
      (line) => [line],
    ),
  },
  {
    name: 'a length and chunks',
    headers: fc
      .tuple(
        header(contentLength, someLength),
        header(transferEncoding, fc.constant('chunked')),
        fc.boolean(),
      )
      .map(([length, coding, isTurned]) => (isTurned ? [coding, length] : [length, coding])),
  },
  {
    name: 'a last transfer coding that is not chunked',
    headers: header(
      transferEncoding,
      fc.constantFrom(
        'xchunked',
        'chunkedx',
        'chunk',
        'identity',
        'gzip',
        'chunked, identity',
        'chunked, gzip',
        "'chunked'",
        '"chunked"',
        'chun ked',
        'chunked;q=1',
        '\x0bchunked',
        'chunked\x0b',
        'chunked\0',
      ),
    ).map((line) => [line]),
  },
  {
    name: 'a name that is spoilt',
    headers: fc
      .tuple(
        fc.constantFrom('Content-Length', 'Transfer-Encoding'),
        fc.constantFrom(' ', '\t', '\0', '\x0b', '\x7f', '(', '"', '/', '@', '\xe9'),
        fc.boolean(),
        fc.boolean(),
      )
      .map(([name, spoilt, isInside, isBehind]) => {
        const value = name === 'Content-Length' ? '3' : 'chunked';
        const called = isInside ? name.replace('-', `${spoilt}-`) : `${name}${spoilt}`;
        const lines = [`${called}: ${value}`, 'Content-Length: 5'];
        return isBehind ? lines.toReversed() : lines;
      }),
  },
  {
    name: 'a header that goes on in the next line',
    headers: fc
      .tuple(transferEncoding, fc.constantFrom(' ', '\t', '  '))
      .map(([name, blank]) => [`${name}:`, `${blank}chunked`, 'X-Behind: 1']),
  },
  {
    name: 'a line that is no header',
    headers: fc
      .constantFrom('Content-Length 5', ': 5', 'chunked', '\0', ' Content-Length: 5')
      .map((line) => ['X-Before: 1', line, 'Content-Length: 5']),
  },
  {
    name: 'lines that end otherwise',
    headers: fc
      .tuple(fc.constantFrom('\n', '\r', '\r\r\n', '\n\r\n'), transferEncoding)
      .map(([end, name]) => [`Content-Length: 5${end}${name}: chunked`]),
  },
  {
    name: 'a chunk of a size that is no number',
    headers: fc.constant(['Transfer-Encoding: chunked']),
    body: fc
      .constantFrom('zz', '-5', '+5', '0x5', '5 5', '"5"', '', ' ', '5\0', '5\x0b', '٥', '5;a\nb')
      .map(
        (size) =>
          `${Buffer.from(size).toString('latin1')}${lineEnd}${smuggledBody}${lineEnd}0${lineEnd}${lineEnd}`,
      ),
  },
  {
    name: 'a chunk beyond 64 bits',
    headers: fc.constant(['Transfer-Encoding: chunked']),
    body: fc
      .bigInt({ min: 2n ** 64n, max: 2n ** 80n })
      .map(
        (size) => `${size.toString(16)}${lineEnd}${smuggledBody}${lineEnd}0${lineEnd}${lineEnd}`,
      ),
  },
  {
    name: 'a chunk that does not end where it should',
    headers: fc.constant(['Transfer-Encoding: chunked']),
    body: fc
      .constantFrom('', 'x', 'xx', '\n', '\r', '\0\0')
      .map((end) => `5${lineEnd}{"a":${end}${chunked}`),
  },
];

/** Blanks beyond one are not among them: RFC 9112, 3, lets a server pass over these. */
const requestLines: fc.Arbitrary<string> = fc.constantFrom(
  'POST\t/v1/messages\tHTTP/1.1',
  'POST /v1/messages',
  'POST /v1/messages HTTP/1.1 x',
  'POST /v1/messages http/1.1',
  'POST /v1/messages HTTP/1.10',
  'POST /v1/messages HTTP/1,1',
  'POST /v1/messages HTTP/2.0',
  'POST /v1/messages\0 HTTP/1.1',
  'POST /v1/mess ages HTTP/1.1',
  'post /v1/messages HTTP/1.1',
  'P0ST /v1/messages HTTP/1.1',
  'POST/v1/messages HTTP/1.1',
);

const harmless = fc.array(
  fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[a-z0-9 ]{0,20}$/)),
  { maxLength: 3 },
);

const answers = [400, 501, 505, null];

/**
 * Requests that no two readers need read alike, each with a whole request behind it that only a reader who takes the
 * first one otherwise would serve. @param seed the same one makes the same forms
 */
export function smugglingForms(count: number, seed: number): RawAttack[] {
  const framed = fc.tuple(fc.constantFrom(...framings), harmless).chain(([framing, others]) =>
    fc.record({
      name: fc.constant(framing.name),
      line: fc.constant('POST /v1/messages HTTP/1.1'),
      headers: framing.headers,
      others: fc.constant(others),
      body: framing.body ?? fc.constant(`0${lineEnd}${lineEnd}`),
    }),
  );
  const misbegun = fc.record({
    name: fc.constant('a first line that is none'),
    line: requestLines,
    headers: fc.constant(['Content-Length: 5']),
    others: harmless,
    body: fc.constant('{"a":'),
  });
  const forms = fc.sample(
    fc.oneof({ weight: 12, arbitrary: framed }, { weight: 1, arbitrary: misbegun }),
    { numRuns: count, seed },
  );
  return forms.map(({ name, line, headers, others, body }) => ({
    name,
    bytes: (host, token) => {
      const lines = [
        line,
        `Host: ${host}`,
        `Authorization: Bearer ${token}`,
        'Content-Type: application/json',
        ...others.map(([called, said]) => `X-${called}: ${said}`),
        ...headers,
      ];
      const request = `${lines.join(lineEnd)}${lineEnd}${lineEnd}${body}${smuggledRequest(host, token)}`;
      return Buffer.from(request, 'latin1');
    },
    answers,
  }));
}
