import type { AppError, FieldError } from '../platform/errors/index.js';
import { showId } from '../platform/ids/index.js';
import type { BatchOutcomeDto, BatchResultDto } from './dto/batch-outcome.dto.js';

/** Why a message of a batch was refused. */
export interface BatchError {
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
}

/** The fate of one message of a batch. */
export type BatchResult =
  | { readonly id: string; readonly error?: undefined }
  | { readonly id?: undefined; readonly error: BatchError };

/** As it stands with a batch's key: the accepting statement itself notes whose recipient is suppressed. */
export type StoredResult = BatchResult | { readonly suppressed: true };

export function errorOf(error: AppError): BatchError {
  const { code, title, detail, errors } = error.toProblem();
  return { code, title, detail, ...(errors === undefined ? {} : { errors }) };
}

/** A batch's outcome as the API shows it. The same results give the same bytes. */
export function showBatch(results: readonly BatchResult[]): BatchOutcomeDto {
  const accepted = results.filter(({ id }) => id !== undefined).length;
  return { accepted, refused: results.length - accepted, results: results.map(showResult) };
}

function showResult(result: BatchResult, index: number): BatchResultDto {
  if (result.id !== undefined) return { index, id: showId('msg', result.id) };
  const { code, title, detail, errors } = result.error;
  // Written out, as jsonb gives the members back in an order of its own.
  return {
    index,
    error: {
      code,
      title,
      detail,
      ...(errors === undefined
        ? {}
        : {
            errors: errors.map((at) => ({ pointer: at.pointer, code: at.code, detail: at.detail })),
          }),
    },
  };
}
