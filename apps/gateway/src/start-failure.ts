import { WrongRestoredSpan } from './installation/index.js';
import { MasterKeyMissing, MasterKeyWrong, SealBroken } from './platform/crypto/index.js';
import { ConfigurationError } from './platform/config/index.js';
import {
  DatabaseUnusable,
  explainStatement,
  NotDurable,
  SchemaTooOld,
} from './platform/database/index.js';
import { EmbeddedPostgresError } from './platform/embedded/index.js';
import { CannotListen } from './platform/http/index.js';

/** A program was called in a way that it does not understand. */
export class WrongArguments extends Error {
  override readonly name = 'WrongArguments';
}

/** Errors that one sentence explains; their stack would only hide it. */
const explained = [
  CannotListen,
  ConfigurationError,
  DatabaseUnusable,
  EmbeddedPostgresError,
  MasterKeyMissing,
  MasterKeyWrong,
  NotDurable,
  SchemaTooOld,
  SealBroken,
  WrongArguments,
  WrongRestoredSpan,
];

/** What a program of ours says when it cannot go on: a sentence where the cause is known, else the stack. */
export function sentenceFor(error: unknown): string {
  // The database is all that a start talks to: a connection that was lost led there.
  const cause = explainStatement('DATABASE_URL', error);
  if (explained.some((kind) => cause instanceof kind)) return (cause as Error).message;
  return String((error as Error | null)?.stack ?? error);
}

/** Says it, and ends the process with 1. */
export function endBecauseOf(error: unknown): void {
  process.stderr.write(`${sentenceFor(error)}\n`, () => process.exit(1));
}
