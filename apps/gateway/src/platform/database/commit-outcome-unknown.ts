/**
 * COMMIT was sent and no answer came: the work may be there or not. Who gets this must look before
 * saying anything, or say that it does not know.
 */
export class CommitOutcomeUnknown extends Error {
  constructor(cause: unknown) {
    super('the outcome of COMMIT is not known', { cause });
  }
}
