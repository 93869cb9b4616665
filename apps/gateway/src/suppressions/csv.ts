/** A row of a CSV file, with the line on which it starts. */
export interface CsvRow {
  readonly line: number;
  readonly fields: readonly string[];
}

/** Why a text is no CSV. */
export class CsvNotReadable extends Error {
  constructor(
    readonly line: number,
    reason: string,
  ) {
    super(reason);
  }
}

const quotedField = /"((?:[^"]|"")*)"/y;

/**
 * Reads CSV as of RFC 4180, with either line end, a byte order mark or none, and with commas, or semicolons where the
 * first line has no comma: what spreadsheets write in half of Europe. Empty lines count for nothing.
 * @throws CsvNotReadable
 */
export function readCsv(text: string): CsvRow[] {
  const source = text.startsWith('\ufeff') ? text.slice(1) : text;
  const separator = separatorOf(source);
  const rows: CsvRow[] = [];
  let at = 0;
  let line = 1;
  while (at < source.length) {
    const startsOn = line;
    const fields: string[] = [];
    for (;;) {
      const field = readField(source, at, separator, line);
      fields.push(field.text);
      line += countLines(source, at, field.end);
      at = field.end;
      if (source[at] !== separator) break;
      at += 1;
    }
    at = skipLineEnd(source, at);
    line += 1;
    if (fields.length > 1 || fields[0]!.trim() !== '') rows.push({ line: startsOn, fields });
  }
  return rows;
}

/** A row of a CSV file, with its line end. */
export function writeCsvRow(fields: readonly (string | null)[]): string {
  return `${fields.map((field) => quoted(field ?? '')).join(',')}\r\n`;
}

function separatorOf(source: string): ',' | ';' {
  const end = source.search(/[\r\n]/);
  const first = end === -1 ? source : source.slice(0, end);
  return first.includes(';') && !first.includes(',') ? ';' : ',';
}

function readField(
  source: string,
  at: number,
  separator: string,
  line: number,
): { text: string; end: number } {
  if (source[at] === '"') {
    quotedField.lastIndex = at;
    const quotedText = quotedField.exec(source)?.[1];
    const end = quotedField.lastIndex;
    if (quotedText === undefined) throw new CsvNotReadable(line, 'a quotation mark is not closed');
    if (!isEnd(source[end], separator))
      throw new CsvNotReadable(line, 'something follows a closing quotation mark');
    return { text: quotedText.replaceAll('""', '"'), end };
  }
  let end = at;
  while (!isEnd(source[end], separator)) end += 1;
  return { text: source.slice(at, end), end };
}

function isEnd(character: string | undefined, separator: string): boolean {
  return character === undefined || character === separator || /[\r\n]/.test(character);
}

function skipLineEnd(source: string, at: number): number {
  return source.startsWith('\r\n', at) ? at + 2 : at + 1;
}

function countLines(source: string, from: number, to: number): number {
  return source.slice(from, to).match(/\r\n|\r|\n/g)?.length ?? 0;
}

function quoted(text: string): string {
  return /[",;\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
