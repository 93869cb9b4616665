import { fitsLength } from '#viber/content';
import { InvalidRequest, type FieldError } from '../platform/errors/index.js';
import { readRecipient, showRecipient } from '../recipients/index.js';
import { CsvNotReadable, readCsv, writeCsvRow, type CsvRow } from './csv.js';
import {
  reasonLength,
  suppressionCategories,
  type NewSuppression,
  type Suppression,
  type SuppressionCategory,
} from './suppression.js';

/** What a file holds, row by row. */
export interface SuppressionFile {
  /** Each recipient once, with the widest category that the file gives it. */
  readonly entries: readonly NewSuppression[];
  readonly refused: readonly RefusedRow[];
  /** Rows without the header. */
  readonly rows: number;
}

export interface RefusedRow {
  readonly line: number;
  readonly code: string;
  readonly detail: string;
}

const columns = ['recipient', 'category', 'reason', 'source', 'created_at'] as const;
type Column = (typeof columns)[number];

/** Rows of one file; what an import takes stands in the time of one request. */
export const mostRows = 10_000;

/** The first line of an export. */
export const fileHeader = writeCsvRow(columns);

export function fileRow(suppression: Suppression): string {
  return writeCsvRow([
    showRecipient(suppression.recipient),
    suppression.category,
    suppression.reason,
    suppression.source,
    suppression.created_at.toISOString(),
  ]);
}

/**
 * Reads a file of suppressions: with a header, in which `recipient` must stand and may stand alone, or a bare list of
 * numbers. What an export holds beside is passed over.
 * @throws InvalidRequest where it is none
 */
export function readSuppressionFile(bytes: Buffer): SuppressionFile {
  const [first, ...others] = rowsOf(bytes);
  if (first === undefined) throw notRight('', 'required', 'The file holds no rows.');
  const isBare = first.fields.length === 1 && readRecipient(first.fields[0]) !== null;
  const rows = isBare ? [first, ...others] : others;
  if (rows.length > mostRows)
    throw notRight('', 'too_many', `A file may hold ${mostRows} rows; send several.`);
  const header = isBare ? (['recipient'] as const) : headerOf(first);

  const entries = new Map<string, NewSuppression>();
  const refused: RefusedRow[] = [];
  for (const row of rows) {
    const entry = entryOf(row, header);
    if ('code' in entry) refused.push(entry);
    else if (entries.get(entry.recipient)?.category !== 'all') entries.set(entry.recipient, entry);
  }
  return { entries: [...entries.values()], refused, rows: rows.length };
}

function rowsOf(bytes: Buffer): CsvRow[] {
  try {
    return readCsv(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    if (error instanceof CsvNotReadable)
      throw notRight('', 'malformed_csv', `Line ${error.line} is no CSV: ${error.message}.`);
    throw notRight('', 'malformed_csv', 'The file is no text in UTF-8.');
  }
}

function headerOf({ fields }: CsvRow): readonly Column[] {
  const names = fields.map((field) => field.trim().toLowerCase());
  const unknown = names.filter((name) => !columns.includes(name as Column));
  if (unknown.length > 0) {
    throw new InvalidRequest(
      unknown.map((name) => ({
        pointer: `/${name.slice(0, 40).replaceAll('~', '~0').replaceAll('/', '~1')}`,
        code: 'unknown_field',
        detail: `There is no such column; there are ${columns.join(', ')}.`,
      })),
    );
  }
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw notRight(`/${twice}`, 'not_unique', `The column ${twice} stands in the header twice.`);
  if (!names.includes('recipient'))
    throw notRight('/recipient', 'required', 'The header must name the column recipient.');
  return names as Column[];
}

function entryOf({ line, fields }: CsvRow, header: readonly Column[]): NewSuppression | RefusedRow {
  if (fields.length > header.length) {
    const detail = `The row has ${fields.length} fields, and the header ${header.length}.`;
    return { line, code: 'too_many', detail };
  }
  const field = (column: Column): string => fields[header.indexOf(column)]?.trim() ?? '';
  const recipient = readRecipient(field('recipient'));
  if (recipient === null) {
    const detail = 'recipient must be a phone number with its country code, 7 to 15 digits.';
    return { line, code: 'invalid_recipient', detail };
  }
  const category = field('category') === '' ? 'all' : field('category').toLowerCase();
  if (!suppressionCategories.includes(category as SuppressionCategory)) {
    const detail = `category must be one of ${suppressionCategories.join(', ')}, or empty.`;
    return { line, code: 'invalid_value', detail };
  }
  const reason = field('reason');
  if (reason !== '' && (!fitsLength(reason, reasonLength) || reason.includes('\0'))) {
    const detail = `reason must be a text of at most ${reasonLength.max} characters.`;
    return { line, code: 'invalid_length', detail };
  }
  return {
    recipient,
    category: category as SuppressionCategory,
    reason: reason === '' ? null : reason,
  };
}

function notRight(pointer: string, code: string, detail: string): InvalidRequest {
  const error: FieldError = { pointer, code, detail };
  return new InvalidRequest([error]);
}
